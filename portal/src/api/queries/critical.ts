// Critical assets, and the classifications that find them.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'
import type { paths } from '../generated/schema'

export type CriticalAsset = Schemas['CriticalAsset']
export type Classification = Schemas['Classification']
export type AssetDecision = Schemas['AssetDecision']
export type AssetToDecide = Schemas['AssetToDecide']
export type DecisionOnAssets = Schemas['DecisionOnAssets']
export type NewClassification = Schemas['NewClassification']
export type ClassificationPreview = Schemas['ClassificationPreview']

/** Which assets, as the API names it. */
export type CriticalFilter = Omit<
  NonNullable<paths['/api/v1/critical-assets']['get']['parameters']['query']>,
  'limit' | 'cursor'
>

/** The two lists: what is critical, and what only seems to be. */
export type CriticalList = '/api/v1/critical-assets' | '/api/v1/critical-assets/review'

/** One page of a list, with the facets of the filter. */
export function criticalPage(
  list: CriticalList,
  filter: CriticalFilter,
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Faceted_CriticalAsset']> {
  const query = { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }
  return bodyOf(api.GET(list, { params: { query }, signal }))
}

/** How many there are of each level; the first item alone is asked for. */
export const criticalCountsQuery = (list: CriticalList, scope: string | undefined) =>
  queryOptions({
    queryKey: ['count_critical_assets', list, scope ?? ''],
    queryFn: ({ signal }) =>
      criticalPage(list, scope === undefined ? {} : { scope: [scope] }, undefined, 1, signal),
  })

/** All classifications: those that come with Merlon, then those of one's own. */
export const classificationsQuery = queryOptions({
  queryKey: ['list_classifications'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/classifications', { signal })),
})

/** What came of a decision on assets, or the job that makes it count. */
export type DecidedAssets = Schemas['DecidedAssets'] | Schemas['Job']

/** Decides whether assets to review are critical, or takes that back. */
export const decideAssets = (on: DecisionOnAssets): Promise<DecidedAssets> =>
  bodyOf(api.POST('/api/v1/critical-assets/decisions', { body: on }))

/** What a classification would find; nothing changes. */
export const previewClassification = (of: NewClassification, signal: AbortSignal) =>
  bodyOf(api.POST('/api/v1/classifications/preview', { body: of, signal }))

/** What came of a choice, or the job that makes it. */
export type Chosen = Schemas['ChosenClassification'] | Schemas['Job']

export const addClassification = (id: string, classification: NewClassification): Promise<Chosen> =>
  bodyOf(api.POST('/api/v1/classifications', { body: { id, classification } }))

export const changeClassification = (id: string, classification: NewClassification): Promise<Chosen> =>
  bodyOf(api.PUT('/api/v1/classifications/{id}', { params: { path: { id } }, body: classification }))

/** Switches one on or off and gives it a level; its own when `level` is null. */
export const setClassification = (id: string, choice: Schemas['ClassificationChoice']): Promise<Chosen> =>
  bodyOf(api.PATCH('/api/v1/classifications/{id}', { params: { path: { id } }, body: choice }))

export const deleteClassification = (id: string): Promise<Chosen> =>
  bodyOf(api.DELETE('/api/v1/classifications/{id}', { params: { path: { id } } }))
