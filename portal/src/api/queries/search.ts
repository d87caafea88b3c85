// What the search at the top looks through.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

/** The recommendations and resources that fit some words best. */
export const searchQuery = (words: string) =>
  queryOptions({
    queryKey: ['search', words],
    enabled: words !== '',
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const query = { q: words, limit: 6 }
      const [recommendations, resources] = await Promise.all([
        bodyOf(api.GET('/api/v1/recommendations', { params: { query }, signal })),
        bodyOf(api.GET('/api/v1/resources', { params: { query }, signal })),
      ])
      return { recommendations, resources }
    },
  })
