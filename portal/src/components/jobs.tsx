// How a job of the server is told: its state, what it does, what came of it.
import { Badge, ProgressBar } from '@fluentui/react-components'
import type { Schemas } from '#/api/client'
import { isUnderWay, type JobState } from '#/api/queries/work'
import { count, counted } from '#/util/format'
import css from './jobs.module.css'

export type Job = Schemas['Job']

const states: Record<JobState, { word: string; color: 'success' | 'danger' | 'informative' | 'brand' }> = {
  ready: { word: 'waiting', color: 'informative' },
  running: { word: 'running', color: 'brand' },
  done: { word: 'done', color: 'success' },
  dead: { word: 'failed', color: 'danger' },
  cancelled: { word: 'cancelled', color: 'informative' },
}

const kinds: Record<string, string> = {
  import: 'Import of files on the server',
  'import-upload': 'Import of an upload',
  decide: 'Decision that changes verdicts',
  flips: 'Assessments that time changes',
  prune: 'Removal of what is older than it is kept',
  'verify-audit': 'Check of the audit log',
}

/** What sort of work it is, in words; a sort that this portal does not know keeps its name. */
export const jobKind = (kind: string): string => kinds[kind] ?? kind

/** Where a job stands, as a word on a colour. */
export function JobBadge({ state }: { state: JobState }) {
  const { word, color } = states[state]
  return (
    <Badge appearance="tint" color={color}>
      {word}
    </Badge>
  )
}

function figure(of: object, ...path: string[]): number | undefined {
  let at: unknown = of
  for (const key of path) at = isRecord(at) ? at[key] : undefined
  return typeof at === 'number' ? at : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** How far a job is, or what came of it, in a sentence. */
export function outcome(job: Job): string {
  if (job.state === 'dead') return job.error ?? 'It failed'
  if (job.state === 'cancelled') return 'It was stopped; nothing of it was kept'
  if (job.state === 'ready') {
    return job.attempts === 0
      ? 'Waits for its time or its turn'
      : `Tried ${counted(job.attempts, 'time')}: ${job.error ?? ''}`
  }
  if (job.state === 'running') {
    const files = figure(job.progress, 'files') ?? 0
    const bytes = figure(job.progress, 'bytes') ?? 0
    return files === 0
      ? 'At work'
      : `${counted(files, 'file')} read, ${count(Math.round(bytes / 2 ** 20))} MiB`
  }
  const added = figure(job.result, 'difference', 'resources', 'added')
  if (added === undefined) return 'Done'
  const changed = figure(job.result, 'difference', 'resources', 'changed') ?? 0
  const gone = figure(job.result, 'difference', 'resources', 'gone') ?? 0
  const problems = figure(job.result, 'problems') ?? 0
  const parts = [counted(added, 'new resource')]
  if (changed > 0) parts.push(`${count(changed)} changed`)
  if (gone > 0) parts.push(`${count(gone)} gone`)
  if (problems > 0) parts.push(counted(problems, 'problem'))
  return parts.join(', ')
}

/** A bar as long as the job is under way. How much there is to do is not known beforehand, so it has no end. */
export function JobProgress({ job }: { job: Job }) {
  if (!isUnderWay(job)) return null
  return <ProgressBar className={css.bar} aria-label={`${jobKind(job.kind)} is under way`} />
}
