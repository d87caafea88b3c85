// The attack paths to a resource and those from it. Each list is a question of its own to the search: the likeliest paths to
// what matters, which the page of attack paths shows, need not lead through it where another way is likelier.
import { useQuery } from '@tanstack/react-query'
import { type AttackPath, attackPathsQuery } from '#/api/queries/attack'
import { markOf } from '#/pages/attack-paths/rows'
import { likelihoodWord, nameOf, riskOf } from '#/pages/attack-paths/words'
import { Link } from '#/ui/Link'
import { Section } from '#/ui/parts'
import { Severity } from '#/ui/Severity'
import { ErrorState, Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './resource.module.css'

/** Paths that are named; the page of attack paths has all. */
const NAMED = 8

/** From entry points to it. */
export const waysTo = (id: string) => attackPathsQuery({ to: [id] })

/** From it to what matters. */
export const waysFrom = (id: string) => attackPathsQuery({ from: [id] })

export function BothWays({ id }: { id: string }) {
  const { error, data, refetch } = useQuery({ ...waysTo(id), retry: false })
  // Whoever may not ask one may not ask the other: that is said once.
  if (error !== null && data === undefined) {
    return (
      <Section title="Attack paths">
        <ErrorState error={error} retry={() => void refetch()} />
      </Section>
    )
  }
  return (
    <>
      <Ways
        title="Attack paths to it"
        aside="From the internet and what has leaked"
        question={{ to: [id] }}
        search={{ to: id }}
        none="No attack path to it was proven."
      />
      <Ways
        title="Attack paths from it"
        aside="What whoever holds it reaches"
        question={{ from: [id] }}
        search={{ from: [id] }}
        none="No attack path that begins at it was proven."
      />
    </>
  )
}

function Ways(props: {
  title: string
  aside: string
  question: { from?: string[]; to?: string[] }
  search: { from?: string[]; to?: string }
  none: string
}) {
  const asked = useQuery({ ...attackPathsQuery(props.question), retry: false })
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
                ? `All ${count(answer.paths.length)} paths`
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
