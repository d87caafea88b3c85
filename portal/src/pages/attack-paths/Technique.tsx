import { isTechnique } from './words'

/** A technique of MITRE ATT&CK, with its page; nothing where a step has none. */
export function Technique({ id }: { id: string | null | undefined }) {
  if (id === undefined || id === null || id === '') return null
  if (!isTechnique(id)) return <span>{id}</span>
  return (
    <a
      href={`https://attack.mitre.org/techniques/${id.replace('.', '/')}/`}
      rel="noreferrer noopener"
      target="_blank"
      style={{ color: 'var(--colorBrandForegroundLink)' }}
      title="What MITRE ATT&CK says of it"
    >
      {id}
    </a>
  )
}
