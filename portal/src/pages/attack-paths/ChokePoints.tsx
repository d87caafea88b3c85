// Where most paths pass.
import type { AttackPaths } from '#/api/queries/attack'
import { ResourceLink } from '#/components/ResourceLink'
import { Section } from '#/ui/parts'
import { counted } from '#/util/format'
import css from './attack-paths.module.css'
import { holdWords, nameOf, positionOf } from './words'

/** As many as are named. */
const NAMED = 6

export function ChokePoints({ of }: { of: AttackPaths['chokePoints'] }) {
  if (of.length === 0) return null
  return (
    <Section
      title="Choke points"
      aside="Where most paths pass: what protects these protects what lies behind"
    >
      <ul className={css.chokes} aria-label="Choke points">
        {of.slice(0, NAMED).map((it) => (
          <li key={positionOf(it.position)} className={css.choke}>
            {it.position.id === 'internet' ? (
              nameOf(it.position)
            ) : (
              <ResourceLink id={it.position.id} name={nameOf(it.position)} kind={it.position.kind} />
            )}
            <span className={css.under}>
              {`${holdWords(it.position)}: ${counted(it.passing, 'path')} ${it.passing === 1 ? 'passes' : 'pass'}, ${counted(it.cuts, 'target')} behind it alone`}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
