// Content: the checks, kinds and standards that verdicts rest on, and checks of the tenant's own.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'

/** All checks. They change with a release or when somebody publishes one. */
export const checksQuery = queryOptions({
  queryKey: ['list_checks'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/content/checks', { signal })),
  staleTime: 5 * 60_000,
})

/** One check with its predicate and its texts. */
export const checkQuery = (id: string) =>
  queryOptions({
    queryKey: ['get_check', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/content/checks/{id}', { params: { path: { id } }, signal })),
  })

/** What a check would say of all resources. `text` is the check as YAML. */
export const dryRun = (text: string, signal?: AbortSignal): Promise<Schemas['Tried']> =>
  bodyOf(api.POST('/api/v1/checks/dry-run', { body: { text }, ...(signal === undefined ? {} : { signal }) }))
