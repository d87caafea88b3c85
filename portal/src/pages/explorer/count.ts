// How many rows a question has, while it is edited.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '#/api/client'

/** The whole of a query as the server writes it. */
export const toldQuery = (text: string) =>
  queryOptions({
    queryKey: ['make_search', text, undefined],
    queryFn: ({ signal }) => bodyOf(api.POST('/api/v1/query/search', { body: { text }, signal })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** What `query` counts; the server answers one row with one number. */
export const countQuery = (query: string) =>
  queryOptions({
    queryKey: ['count_rows', query],
    queryFn: async ({ signal }) => {
      const answer = await bodyOf(
        api.POST('/api/v1/query', { body: { query, limit: 1, timeout: 10 }, signal }),
      )
      const n = answer.rows[0]?.[0]
      return typeof n === 'number' ? n : null
    },
    retry: false,
    staleTime: 30_000,
  })

/** Rows with the paths on which nodes lie. */
export const pathsQuery = (query: string, limit: number) =>
  queryOptions({
    queryKey: ['run_query', query, limit],
    queryFn: ({ signal }) =>
      bodyOf(api.POST('/api/v1/query', { body: { query, limit, timeout: 10 }, signal })),
    retry: false,
  })
