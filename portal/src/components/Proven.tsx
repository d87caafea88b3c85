// The evidence of an assessment as the API gives it.
import type { Schemas } from '#/api/client'
import { Evidence } from '#/ui/Evidence'
import { ResourceLink } from './ResourceLink'

/** The last part of an id, for what has no name here. */
const shortId = (id: string): string => id.split(/[/:]/).at(-1) || id

/** What the API says that a value makes true, where it says so. */
function asksOf(evidence: object): string | undefined {
  return 'wanted' in evidence && typeof evidence.wanted === 'string' ? evidence.wanted : undefined
}

/** Found against wanted; `unhealthy` is the predicate of the check. */
export function Proven({ of, unhealthy }: { of: Schemas['AssessmentDetail']; unhealthy: string }) {
  return (
    <Evidence
      findings={of.evidence.map((it) => ({
        path: it.path,
        value: it.value,
        asks: asksOf(it),
        ...(it.resource === undefined || it.resource === null
          ? {}
          : { where: <ResourceLink id={it.resource} name={shortId(it.resource)} /> }),
      }))}
      unhealthy={unhealthy}
      hidden={of.hiddenEvidence}
    />
  )
}
