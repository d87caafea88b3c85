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
