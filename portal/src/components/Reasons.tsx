// Why something may be done, or may not: statements with where they stand.
import type { Reason, Unread } from '#/api/queries/attack'
import { Link } from '#/ui/Link'
import { Badge } from '#/ui/parts'
import css from './reasons.module.css'

/** The last part of an id. */
const shortId = (id: string): string => id.split(/[/:]/).at(-1) || id

const effects: Record<string, string> = {
  allows: 'Allows',
  denies: 'Denies',
  permits: 'Permits at most',
  limits: 'Limits',
}

/** A place in the document of a resource, as a link to it. */
export function Place({ resource, path }: { resource: string; path: string }) {
  return (
    <span className={css.place}>
      <Link
        to="/inventory/$id"
        params={{ id: resource }}
        search={path === '' ? {} : { tab: 'document', path }}
        title={resource}
      >
        {shortId(resource)}
        {path === '' ? null : (
          <>
            {' · '}
            <code>{path}</code>
          </>
        )}
      </Link>
    </span>
  )
}

/** The chain of reasons, in its order. Nothing where there is none. */
export function Reasons({ of }: { of: readonly Reason[] }) {
  if (of.length === 0) return null
  // Several preconditions may rest on one statement.
  const once = new Map(of.map((it) => [JSON.stringify([it.effect, it.resource, it.path, it.says]), it]))
  return (
    <ol className={css.reasons}>
      {[...once].map(([key, it]) => (
        <li key={key} className={css.reason}>
          <Badge>{effects[it.effect] ?? it.effect}</Badge>
          <div className={css.words}>
            <span>{it.says}</span>
            <Place resource={it.resource} path={it.path} />
          </div>
        </li>
      ))}
    </ol>
  )
}

/** What was not read, and why that matters. Nothing where all was. */
export function NotRead({ of }: { of: readonly Unread[] }) {
  if (of.length === 0) return null
  return (
    <ul className={css.unread}>
      {of.map((it) => (
        <li key={`${it.what} ${it.why}`}>
          <code>{it.what}</code>: {it.why}
        </li>
      ))}
    </ul>
  )
}
