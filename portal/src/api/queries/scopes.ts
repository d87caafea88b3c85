// Scopes: where resources lie, from the tenant down.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

/** All scopes that the caller sees, each before what lies in it. */
export const scopesQuery = queryOptions({
  queryKey: ['list_scopes'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/scopes', { signal })),
})
