// What the overview asks. Each answer is narrowed to the scope, where there is one.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'

const narrowed = (scope: string | undefined) => (scope === undefined ? {} : { scope: [scope] })

/** The secure score of all that the caller sees, with its controls. */
export const wholeScoreQuery = queryOptions({
  queryKey: ['get_score', 'whole'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/score', { signal })),
})

/** Every value that the score had. */
export const scoreTrendQuery = (scope: string | undefined) =>
  queryOptions({
    queryKey: ['score_trend', scope],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/score/trend', {
          params: { query: scope === undefined ? {} : { scope } },
          signal,
        }),
      ),
  })

/** Recommendations with something unhealthy, the most urgent first, with facets. */
export const openRecommendationsQuery = (scope: string | undefined) =>
  queryOptions({
    queryKey: ['list_recommendations', 'overview', scope],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/recommendations', {
          params: { query: { state: ['unhealthy'], sort: 'risk', limit: 1000, ...narrowed(scope) } },
          signal,
        }),
      ),
  })

/** How many resources there are in which state: only the facets are looked at. */
export const resourceStatesQuery = (scope: string | undefined) =>
  queryOptions({
    queryKey: ['list_resources', 'overview', scope],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/resources', { params: { query: { limit: 1, ...narrowed(scope) } }, signal })),
  })

/** What was read and what was not, scope by scope and kind by kind. */
export const coverageQuery = (scope: string | undefined) =>
  queryOptions({
    queryKey: ['get_coverage', scope],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/coverage', { params: { query: scope === undefined ? {} : { scope } }, signal }),
      ),
  })

/** All standards with how many of their requirements are met. */
export const standingsQuery = queryOptions({
  queryKey: ['list_standards', 'overview'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/standards', { signal })),
})
