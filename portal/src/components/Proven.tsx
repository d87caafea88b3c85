// The evidence of an assessment as the API gives it.
import type { ReactNode } from 'react'
import type { Schemas } from '#/api/client'
import { Evidence, type Finding } from '#/ui/Evidence'
import { Link } from '#/ui/Link'
import { ResourceLink } from './ResourceLink'

/** The last part of an id, for what has no name here. */
const shortId = (id: string): string => id.split(/[/:]/).at(-1) || id

/** What the API says that a value makes true, where it says so. */
function asksOf(evidence: object): string | undefined {
  return 'wanted' in evidence && typeof evidence.wanted === 'string' ? evidence.wanted : undefined
}

function findingOf(it: Schemas['Evidence'], judged: string): Finding {
  const other = it.resource ?? undefined
  return {
    path: it.path,
    value: it.value,
    asks: asksOf(it),
    place: (
      <Link to="/inventory/$id" params={{ id: other ?? judged }} search={{ tab: 'document', path: it.path }}>
        <code>{it.path}</code>
      </Link>
    ),
    ...(other === undefined ? {} : { where: <ResourceLink id={other} name={shortId(other)} /> }),
  }
}

/**
 * Found against wanted, each value with a link to its place in its document. `judged` is the id of the resource that was
 * judged, `unhealthy` the predicate of the check, and `wanted` what else may be said of how it should be.
 */
export function Proven(props: {
  of: Schemas['AssessmentDetail']
  judged: string
  unhealthy: string | undefined
  wanted?: ReactNode
}) {
  const { of, judged, unhealthy, wanted } = props
  return (
    <Evidence
      findings={of.evidence.map((it) => findingOf(it, judged))}
      unhealthy={unhealthy}
      wanted={wanted}
      hidden={of.hiddenEvidence}
    />
  )
}
