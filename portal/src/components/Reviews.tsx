// Facts about a resource that may be critical: what waits for a decision, and what people decided.
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Schemas } from '#/api/client'
import { classificationsQuery } from '#/api/queries/critical'
import { criticalityOf, criticalityWord } from '#/ui/Criticality'
import { Link } from '#/ui/Link'
import { Time } from '#/ui/Time'

/** Lines of a list of facts; nothing where nobody has to look and nobody has decided. */
export function Reviews({ of }: { of: Pick<Schemas['ResourceDetail'], 'id' | 'toReview' | 'decisions'> }) {
  const isAny = of.toReview.length > 0 || of.decisions.length > 0
  const rules = useQuery({ ...classificationsQuery, enabled: isAny, staleTime: 60_000 }).data
  const title = (id: string) => rules?.items.find((it) => it.id === id)?.title ?? id
  const review = { tab: 'review' as const, q: of.id, open: of.id }
  return (
    <>
      {of.toReview.length === 0 ? null : (
        <>
          <dt>May be critical</dt>
          <dd>
            <Link to="/critical-assets" search={review}>
              {of.toReview.map(title).join(', ')}: decide
            </Link>
          </dd>
        </>
      )}
      {of.decisions.map((it) => {
        const level = criticalityOf(it.level)
        return (
          <DecisionFact key={it.classification}>
            <Link to="/critical-assets" search={{ ...review, decision: ['critical', 'notCritical'] }} plain>
              {it.decision === 'critical' ? 'Critical' : 'Not critical'}
              {level === undefined ? '' : `, ${criticalityWord(level).toLowerCase()}`}
            </Link>{' '}
            as “{title(it.classification)}”, by {it.by}, <Time at={it.at} />: {it.reason}
          </DecisionFact>
        )
      })}
    </>
  )
}

function DecisionFact({ children }: { children: ReactNode }) {
  return (
    <>
      <dt>Decided</dt>
      <dd>{children}</dd>
    </>
  )
}
