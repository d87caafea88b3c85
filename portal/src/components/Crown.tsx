// The crown of a resource: how critical it is, and which classifications say so.
import { useQuery } from '@tanstack/react-query'
import { classificationsQuery } from '#/api/queries/critical'
import { criticalityOf, Criticality } from '#/ui/Criticality'
import { Link } from '#/ui/Link'

interface Critical {
  criticality?: string | null
  /** Ids of classifications. */
  criticalBy?: readonly string[] | null
  /** What people decided of it, where that is asked for. */
  decisions?: readonly { classification: string; decision: string; by: string; reason: string }[] | null
}

/** Nothing where it is not critical. `quiet` shows the crown alone; `link` leads to the first classification. */
export function Crown(props: { of: Critical; quiet?: boolean; link?: boolean }) {
  const level = criticalityOf(props.of.criticality)
  const ids = props.of.criticalBy ?? []
  // Titles are asked for where there is room for them; in lists the ids tell enough on hover.
  const rules = useQuery({
    ...classificationsQuery,
    enabled: props.link === true && level !== undefined,
    staleTime: 60_000,
  }).data
  if (level === undefined) return null
  const titles = ids.map((id) => rules?.items.find((it) => it.id === id)?.title ?? id)
  const [first] = ids
  const mark = <Criticality value={level} quiet={props.quiet === true} by={titles} />
  if (props.link !== true || first === undefined) return mark
  const decided = props.of.decisions?.find((it) => it.classification === first && it.decision === 'critical')
  return (
    <Link to="/critical-assets" search={{ tab: 'classifications', open: first }} plain>
      {mark}
      {titles.length === 0
        ? null
        : `: ${titles[0]}${titles.length > 1 ? ` and ${titles.length - 1} more` : ''}`}
      {decided === undefined ? null : (
        <span title={decided.reason}>, marked by a decision of {decided.by}</span>
      )}
    </Link>
  )
}
