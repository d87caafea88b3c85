import type { Schemas } from '#/api/client'
import { Stack } from '#/ui/Bar'

/** The requirements of a standard by state, as one bar. */
export function Shares({ of }: { of: Schemas['StandardLine'] }) {
  return (
    <Stack
      label={`Requirements of ${of.title}`}
      parts={[
        { name: 'failed', value: of.failed, tone: 'unhealthy' },
        { name: 'unknown', value: of.unknown, tone: 'unknown' },
        { name: 'passed', value: of.passed, tone: 'healthy' },
        { name: 'not assessed', value: of.notAssessed, tone: 'rest' },
        { name: 'manual', value: of.manual, tone: 'rest' },
      ]}
    />
  )
}
