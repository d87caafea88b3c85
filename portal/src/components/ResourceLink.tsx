import { KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'

/** A resource by its name, with what it is; the id shows on hover. */
export function ResourceLink({ id, name, kind }: { id: string; name: string; kind?: string }) {
  return (
    <Link to="/inventory/$id" params={{ id }} plain title={id}>
      {kind === undefined ? null : (
        <>
          <KindIcon kind={kind} />{' '}
        </>
      )}
      {name === '' ? id : name}
    </Link>
  )
}
