// The work of the server: imports, jobs, the audit log, settings.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'

/** How often jobs are asked for while one of them runs. */
const WHILE_RUNNING = 1000

export type JobState = Schemas['JobState']

/** Whether a job is not at its end yet. */
export const isUnderWay = (job: { state: JobState }) => job.state === 'ready' || job.state === 'running'

/** One page of jobs, the newest first. */
export function jobPage(
  filter: { state?: JobState; kind?: string },
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Page_Job']> {
  const query = {
    limit,
    ...(filter.state === undefined ? {} : { state: [filter.state] }),
    ...(filter.kind === undefined ? {} : { kind: [filter.kind] }),
    ...(cursor === undefined ? {} : { cursor }),
  }
  return bodyOf(api.GET('/api/v1/jobs', { params: { query }, signal }))
}

/** The latest jobs of a kind; asked for again as long as one of them is under way. */
export const latestJobsQuery = (kind: string, limit: number) =>
  queryOptions({
    queryKey: ['list_jobs', { kind, limit }],
    queryFn: ({ signal }) => jobPage({ kind }, undefined, limit, signal),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) === true ? WHILE_RUNNING : false),
  })

/** A job; asked for again until it is at its end. */
export const jobQuery = (number: number) =>
  queryOptions({
    queryKey: ['get_job', number],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/jobs/{number}', { params: { path: { number } }, signal })),
    refetchInterval: ({ state }) =>
      state.data === undefined || isUnderWay(state.data) ? WHILE_RUNNING : false,
  })

/** Stops a job, or takes it out of the queue. */
export const cancelJob = (number: number) =>
  bodyOf(api.POST('/api/v1/jobs/{number}/cancel', { params: { path: { number } } }))

/** Gives a job that failed for good another try. */
export const reviveJob = (number: number) =>
  bodyOf(api.POST('/api/v1/jobs/{number}/revive', { params: { path: { number } } }))

/** One page of the audit log, the newest line first. */
export function auditPage(
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Page_AuditLine']> {
  const query = { limit, ...(cursor === undefined ? {} : { cursor }) }
  return bodyOf(api.GET('/api/v1/audit', { params: { query }, signal }))
}

/** All settings with their bounds. */
export const settingsQuery = queryOptions({
  queryKey: ['list_settings'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/settings', { signal })),
})
