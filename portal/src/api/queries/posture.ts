// What checks found, what it costs in points, and what people decided about it.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'
import type { paths } from '../generated/schema'

/** Filters and order of the list of recommendations, as the API names them. */
export type RecommendationFilter = Omit<
  NonNullable<paths['/api/v1/recommendations']['get']['parameters']['query']>,
  'limit' | 'cursor'
>

/** Filters and order of the list of assessments, as the API names them. */
export type AssessmentFilter = Omit<
  NonNullable<paths['/api/v1/assessments']['get']['parameters']['query']>,
  'limit' | 'cursor'
>

const paged = (cursor: string | undefined, limit: number) => ({
  limit,
  ...(cursor === undefined ? {} : { cursor }),
})

/** One page of recommendations, with the facets of the filter. */
export function recommendationPage(
  filter: RecommendationFilter,
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Faceted_Recommendation']> {
  const query = { ...filter, ...paged(cursor, limit) }
  return bodyOf(api.GET('/api/v1/recommendations', { params: { query }, signal }))
}

/** The first recommendations of a filter: enough for a group, a summary or a choice. */
export const recommendationsQuery = (filter: RecommendationFilter, limit = 100) =>
  queryOptions({
    queryKey: ['list_recommendations', filter, { limit }],
    queryFn: ({ signal }) => recommendationPage(filter, undefined, limit, signal),
  })

/** One recommendation with all that its check says. */
export const recommendationQuery = (check: string) =>
  queryOptions({
    queryKey: ['get_recommendation', check],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/recommendations/{check}', { params: { path: { check } }, signal })),
  })

/** One page of assessments, with the facets of the filter. */
export function assessmentPage(
  filter: AssessmentFilter,
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Faceted_Assessment']> {
  const query = { ...filter, ...paged(cursor, limit) }
  return bodyOf(api.GET('/api/v1/assessments', { params: { query }, signal }))
}

/** The first assessments of a filter. */
export const assessmentsQuery = (filter: AssessmentFilter, limit = 100) =>
  queryOptions({
    queryKey: ['list_assessments', filter, { limit }],
    queryFn: ({ signal }) => assessmentPage(filter, undefined, limit, signal),
  })

/** The secure score with every figure that it is made of. */
export const scoreQuery = queryOptions({
  queryKey: ['get_score'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/score', { signal })),
})

/** Every value that the score of a scope had, or that of all. */
export const trendQuery = (scope: string | undefined) =>
  queryOptions({
    queryKey: ['get_score_trend', scope ?? ''],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/score/trend', {
          params: { query: scope === undefined ? {} : { scope } },
          signal,
        }),
      ),
  })

/** What controls are about, what they are worth, and their checks. */
export const controlsQuery = queryOptions({
  queryKey: ['list_controls'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/controls', { signal })),
  staleTime: 10 * 60_000,
})

/** What the score would be if all of `fixed` were mended. */
export const whatIfQuery = (fixed: readonly Schemas['Fixed'][]) =>
  queryOptions({
    queryKey: ['what_if_fixed', fixed],
    queryFn: ({ signal }) =>
      bodyOf(api.POST('/api/v1/score/what-if', { body: { fixed: [...fixed] }, signal })),
    enabled: fixed.length > 0,
  })

/** All exemptions that the caller sees, the latest first. */
export const exemptionsQuery = queryOptions({
  queryKey: ['list_exemptions'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/exemptions', { signal })),
})

/** What an exemption would change if it were recorded. */
export const exemptionPreviewQuery = (wish: Schemas['NewExemption'] | undefined) =>
  queryOptions({
    queryKey: ['preview_exemption', wish],
    queryFn: ({ signal }) => {
      if (wish === undefined) throw new TypeError('nothing to preview')
      return bodyOf(api.POST('/api/v1/exemptions/preview', { body: wish, signal }))
    },
    enabled: wish !== undefined,
  })

/** Records an exemption: what it changed, or the job that will. */
export const exempt = (wish: Schemas['NewExemption']): Promise<Schemas['Decided'] | Schemas['Job']> =>
  bodyOf(api.POST('/api/v1/exemptions', { body: wish }))

/** Ends an exemption now. */
export const endExemption = (number: number): Promise<Schemas['Decided'] | Schemas['Job']> =>
  bodyOf(api.POST('/api/v1/exemptions/{number}/end', { params: { path: { number } } }))

/** Commits, the latest first. */
export const changesQuery = (limit = 100) =>
  queryOptions({
    queryKey: ['list_changes', { limit }],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/changes', { params: { query: { limit } }, signal })),
  })
