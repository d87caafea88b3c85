// The caller's own sessions, passkeys and tokens.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/me/sessions', { signal })),
})

export const passkeysQuery = queryOptions({
  queryKey: ['me', 'passkeys'],
  queryFn: async ({ signal }) => (await bodyOf(api.GET('/api/v1/me/passkeys', { signal }))).items,
})

export const ownTokensQuery = queryOptions({
  queryKey: ['me', 'tokens'],
  queryFn: ({ signal }) =>
    bodyOf(api.GET('/api/v1/me/tokens', { params: { query: { limit: 1000 } }, signal })),
})
