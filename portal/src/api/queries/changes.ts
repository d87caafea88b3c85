// Commits: what changed, and when.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

/** The latest commits. */
export const changesQuery = (limit: number) =>
  queryOptions({
    queryKey: ['list_changes', limit],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/changes', { params: { query: { limit } }, signal })),
  })

/** What appeared, vanished, broke and was mended between two commits; `to` left out: until now. */
export const diffQuery = (from: number, to?: number) =>
  queryOptions({
    queryKey: ['diff', from, to],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/diff', {
          params: { query: { from: String(from), ...(to === undefined ? {} : { to: String(to) }) } },
          signal,
        }),
      ),
  })
