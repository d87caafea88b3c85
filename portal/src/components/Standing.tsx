// How a requirement fares, as shape and word.
import { Verdict, type VerdictName } from '#/ui/Severity'

export const standings = ['failed', 'unknown', 'notAssessed', 'manual', 'passed'] as const
export type StandingName = (typeof standings)[number]

const words: Record<StandingName, string> = {
  passed: 'Passed',
  failed: 'Failed',
  unknown: 'Unknown',
  notAssessed: 'Not assessed',
  manual: 'Manual',
}

const shapes: Record<StandingName, VerdictName> = {
  passed: 'healthy',
  failed: 'unhealthy',
  unknown: 'unknown',
  notAssessed: 'notAssessed',
  manual: 'notApplicable',
}

export const standingWord = (it: StandingName): string => words[it]

/** What each state means, for hovers and legends. */
export const standingAbout: Record<StandingName, string> = {
  passed: 'No mapped check is open on any resource, or somebody attested it',
  failed: 'A mapped check is open on at least one resource, or somebody attested that it is not met',
  unknown: 'Nothing is open, but something could not be judged',
  notAssessed: 'No resource that its checks judge was read',
  manual: 'No check can judge it: a person attests it',
}

export function Standing({ value }: { value: StandingName }) {
  return (
    <span title={standingAbout[value]} style={{ display: 'inline-flex', gap: 6, whiteSpace: 'nowrap' }}>
      <span aria-hidden="true">
        <Verdict value={shapes[value]} quiet />
      </span>
      {words[value]}
    </span>
  )
}
