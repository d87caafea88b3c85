// The ways of an attacker: from where to where, and what is left of them when fixes are made.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'
import type { paths } from '../generated/schema'

/** From where to where, and without what; the server chooses what is left out. */
export type AttackQuestion = NonNullable<paths['/api/v1/attack-paths']['get']['parameters']['query']>

export type AttackPaths = Schemas['AttackPaths']
export type AttackPath = Schemas['AttackPath']
export type AttackStep = Schemas['AttackStep']
export type Fix = Schemas['AttackFix']
export type Held = Schemas['HeldThing']
export type Unread = Schemas['AttackGap']
export type Reason = Schemas['AccessReason']

/** The ways that are left when the fixes of `without` were made. Numbers of fixes hold as long as the estate is the same. */
export const attackPathsQuery = (question: AttackQuestion) =>
  queryOptions({
    queryKey: ['list_attack_paths', question],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/attack-paths', { params: { query: question }, signal })),
  })

export type AttackStory = Schemas['AttackStory']
export type StoryStatus = Schemas['StoryStatus']

/** Which attack paths over time, as the API names it. */
export type StoryFilter = Omit<
  NonNullable<paths['/api/v1/attack-paths/history']['get']['parameters']['query']>,
  'limit' | 'cursor'
>

/** One page of the attack paths over time, with the facets of the filter. */
export function storyPage(
  filter: StoryFilter,
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Faceted_AttackStory']> {
  const query = { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }
  return bodyOf(api.GET('/api/v1/attack-paths/history', { params: { query }, signal }))
}

/** How many there are; the first item alone is asked for. */
export const storyCountQuery = (filter: StoryFilter) =>
  queryOptions({
    queryKey: ['list_attack_path_history', 'count', filter],
    queryFn: ({ signal }) => storyPage(filter, undefined, 1, signal),
    retry: false,
  })

/** How many were open by risk, each time that this changed. */
export const storyTrendQuery = queryOptions({
  queryKey: ['get_attack_path_trend'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/attack-paths/trend', { signal })),
})
