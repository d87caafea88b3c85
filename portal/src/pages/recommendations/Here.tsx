// Why it matters in this estate: where it is open, for how long, what came back, what else is open there.
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { assessmentsQuery } from '#/api/queries/posture'
import { OpenCounts } from '#/components/marks'
import { useScopeName } from '#/components/names'
import { factorOfMany } from '#/components/Risk'
import { Link } from '#/ui/Link'
import { Facts } from '#/ui/parts'
import { count, counted } from '#/util/format'
import css from './recommendations.module.css'

/** Scopes that are named before the rest is counted. */
const NAMED = 4

export function Here({ of }: { of: Schemas['RecommendationDetail'] }) {
  const open = useQuery(assessmentsQuery({ check: [of.id], verdict: ['unhealthy'] })).data
  const back = useQuery(assessmentsQuery({ check: [of.id], reopened: true }, 1)).data
  const scopeName = useScopeName()
  if (open === undefined || open.total === 0) return null
  const facet = open.facets.find((it) => it.name === 'scope')
  const scopes = facet?.values ?? []
  const rest = scopes.length - NAMED + (facet?.more ?? 0)
  const worst = open.items.filter((it) => it.resource.open.critical + it.resource.open.high > 1)
  const marked = open.items.filter((it) => Object.keys(it.resource.tags).length > 0)
  const [first] = worst
  const because = factorsOf(open.items)
  return (
    <Facts
      of={[
        [
          'Risk here',
          of.risk === undefined || of.risk === null ? undefined : (
            <OpenCounts key="risk" counts={of.byRisk} />
          ),
        ],
        ['Because', because.length === 0 ? undefined : <Because key="because" of={because} check={of.id} />],
        [
          'Where',
          <span key="where">
            {scopes.slice(0, NAMED).map((it, n) => (
              <span key={it.value}>
                {n > 0 ? ', ' : ''}
                <Link to="/inventory" search={{ check: [of.id], scope: it.value }}>
                  {count(it.count)} in {scopeName(it.value)}
                </Link>
              </span>
            ))}
            {rest > 0 ? ` and in ${counted(rest, 'further scope')}` : ''}
          </span>,
        ],
        [
          'Not alone',
          first === undefined
            ? undefined
            : `${counted(worst.length, 'of these resources has', 'of these resources have')} further critical or high recommendations, such as ${first.resource.name}`,
        ],
        ['Tagged', marked.length === 0 ? undefined : tagsOf(marked)],
        [
          'Came back',
          back === undefined || back.total === 0
            ? undefined
            : `${counted(back.total, 'time')} after it had been mended`,
        ],
      ]}
    />
  )
}

/** How many of the resources each factor bears on, the commonest first. */
function factorsOf(open: readonly Schemas['Assessment'][]): [Schemas['RiskFactor'], number][] {
  const counts = new Map<Schemas['RiskFactor'], number>()
  for (const it of open) {
    for (const factor of it.risk?.factors ?? []) counts.set(factor, (counts.get(factor) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

/** Each factor with how many resources it bears on; what can be looked at leads there. */
function Because(props: { of: readonly (readonly [Schemas['RiskFactor'], number])[]; check: string }) {
  return (
    <ul className={css.plainList}>
      {props.of.map(([factor, n]) => (
        <li key={factor}>
          {factor === 'attackPath' ? (
            <Link to="/recommendations/$check" params={{ check: props.check }} search={{ tab: 'graph' }}>
              {factorOfMany(factor, n)}
            </Link>
          ) : factor.startsWith('exposed') ? (
            <Link to="/recommendations/$check" params={{ check: props.check }} search={{ tab: 'insights' }}>
              {factorOfMany(factor, n)}
            </Link>
          ) : factor === 'criticalResource' ? (
            <Link to="/critical-assets">{factorOfMany(factor, n)}</Link>
          ) : (
            factorOfMany(factor, n)
          )}
        </li>
      ))}
    </ul>
  )
}

/** The commonest tags of the resources, for what they say of their worth: `env=prod (3)`. */
function tagsOf(open: readonly Schemas['Assessment'][]): string {
  const counts = new Map<string, number>()
  for (const it of open) {
    for (const [key, value] of Object.entries(it.resource.tags)) {
      const tag = value === '' ? key : `${key}=${value}`
      counts.set(tag, (counts.get(tag) ?? 0) + 1)
    }
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 5)
    .map(([tag, n]) => (n > 1 ? `${tag} (${count(n)})` : tag))
    .join(', ')
}
