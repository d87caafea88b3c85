// Who the caller is.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

/** The account that is signed in, its roles, and what it may do on the whole tenant. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/me', { signal })),
  staleTime: 60_000,
})

/** How somebody may sign in. */
export const waysQuery = queryOptions({
  queryKey: ['ways_to_sign_in'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/sign-in', { signal })),
})
