// How an attacker gets to a resource, and where whoever holds it gets.
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { type AttackPath, attackPathsQuery } from '#/api/queries/attack'
import { markOf } from '#/pages/attack-paths/rows'
import { likelihoodWord, nameOf, riskOf } from '#/pages/attack-paths/words'
import { Link } from '#/ui/Link'
import { Section } from '#/ui/parts'
import { Severity } from '#/ui/Severity'
import { Shown } from '#/ui/states'
import { counted } from '#/util/format'
import css from './resource.module.css'

/** Paths that are named; the page of attack paths has all. */
const NAMED = 8

export function PathsTab({ resource }: { resource: Pick<Schemas['ResourceDetail'], 'id'> }) {
  const { id } = resource
  return (
    <div className={css.stack}>
      <Ways
        title="To it"
        aside="From the internet and what has leaked"
        question={{ to: [id] }}
        search={{ to: id }}
        none="No attack path to it was proven."
      />
      <Ways
        title="From it"
        aside="What is reached by whoever holds it"
        question={{ from: [id] }}
        search={{ from: [id] }}
        none="No attack path that begins at it was proven."
      />
      <p className={css.line}>
        <Link to="/identities" search={{ what: id }}>
          Who may do something to it
        </Link>
        <Link to="/network" search={{ from: 'internet', to: id }}>
          What may pass to it from the internet
        </Link>
      </p>
    </div>
  )
}

function Ways(props: {
  title: string
  aside: string
  question: { from?: string[]; to?: string[] }
  search: { from?: string[]; to?: string }
  none: string
}) {
  const asked = useQuery(attackPathsQuery(props.question))
  return (
    <Section title={props.title} aside={props.aside}>
      <Shown of={asked} rows={3}>
        {(answer) => (
          <>
            {answer.paths.length === 0 ? (
              <p className={css.quiet}>
                {props.none}{' '}
                {answer.unproven.length > 0
                  ? `${counted(answer.unproven.length, 'path')} could be there.`
                  : answer.complete
                    ? 'Everything was judged.'
                    : `${counted(answer.gaps.length, 'thing')} could not be judged.`}
              </p>
            ) : (
              <ul className={css.problems}>
                {answer.paths.slice(0, NAMED).map((it) => (
                  <li key={markOf(it)}>
                    <Severity value={riskOf(it.risk)} quiet />
                    <Link to="/attack-paths" search={{ ...props.search, path: markOf(it) }} plain>
                      {wordsOf(it)}
                    </Link>
                  </li>
                ))}
              </ul>
            )}
            <Link to="/attack-paths" search={props.search}>
              {answer.paths.length > NAMED
                ? `All ${answer.paths.length} paths`
                : 'Open with all that is known'}
            </Link>
          </>
        )}
      </Shown>
    </Section>
  )
}

function wordsOf(it: AttackPath): string {
  const steps = counted(it.steps.length, 'step')
  return `${nameOf(it.entry)} → ${nameOf(it.target)}, ${steps}, ${likelihoodWord(it.likelihood).toLowerCase()}`
}
