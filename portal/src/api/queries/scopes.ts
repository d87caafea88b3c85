// Scopes: where resources lie, from the tenant down.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

/** Where what belongs to no subscription lies: its id is the root of all ids of Azure, which is no name for people. */
const DIRECTORY = '/'

/** All scopes that the caller sees, each before what lies in it. */
export const scopesQuery = queryOptions({
  queryKey: ['list_scopes'],
  queryFn: async ({ signal }) => {
    const { items, ...rest } = await bodyOf(api.GET('/api/v1/scopes', { signal }))
    return { ...rest, items: items.map((it) => (it.id === DIRECTORY ? { ...it, name: 'Entra tenant' } : it)) }
  },
})
