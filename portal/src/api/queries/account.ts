// The caller's own sessions and tokens.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/me/sessions', { signal })),
})

export const ownTokensQuery = queryOptions({
  queryKey: ['me', 'tokens'],
  queryFn: ({ signal }) =>
    bodyOf(api.GET('/api/v1/me/tokens', { params: { query: { limit: 1000 } }, signal })),
})
