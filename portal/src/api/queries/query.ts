// Questions in openCypher, and what they may name.
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'
import { resourcePage, resourceQuery } from './resources'

/** The labels and edges of the graph. They change with a release or an own kind, not while one writes. */
export const schemaQuery = queryOptions({
  queryKey: ['get_schema'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/schema', { signal })),
  staleTime: 60 * 60_000,
})

/** Seconds that a question may take. */
export const PATIENCE = 10

/** The answer to a question; `limit` rows of it at most. */
export const answerQuery = (query: string, limit: number) =>
  queryOptions({
    queryKey: ['run_query', query, limit],
    queryFn: ({ signal }) =>
      bodyOf(api.POST('/api/v1/query', { body: { query, limit, timeout: PATIENCE }, signal })),
    retry: false,
  })

/** The document of some resource of a kind: what its properties are called is seen best in one. */
export async function sampleOf(client: QueryClient, kind: string): Promise<unknown> {
  const page = await client.fetchQuery({
    queryKey: ['sample_of_kind', kind],
    queryFn: ({ signal }) => resourcePage({ kind: [kind] }, undefined, 1, signal),
    staleTime: 10 * 60_000,
  })
  const [first] = page.items
  return first === undefined ? undefined : (await client.fetchQuery(resourceQuery(first.id))).document
}
