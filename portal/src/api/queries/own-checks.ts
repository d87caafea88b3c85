// Checks of the tenant's own: drafts, versions, and what is published of them.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'

/** All checks that somebody here wrote. */
export const ownChecksQuery = queryOptions({
  queryKey: ['list_own_checks'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/checks', { signal })),
})

/** One of them, with its latest text and what is wrong with it. */
export const ownCheckQuery = (id: string) =>
  queryOptions({
    queryKey: ['get_own_check', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/checks/{id}', { params: { path: { id } }, signal })),
  })

/** Its versions, the latest first. */
export const ownVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['list_own_check_versions', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/checks/{id}/versions', { params: { path: { id } }, signal })),
  })

/** The lines in which two versions differ, with those between. */
export const compareQuery = (id: string, from: number, to: number) =>
  queryOptions({
    queryKey: ['compare_own_check', id, from, to],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/checks/{id}/compare', {
          params: { path: { id }, query: { from, to } },
          signal,
        }),
      ),
  })

/** Keeps a new check as a draft. */
export const createCheck = (text: string): Promise<Schemas['OwnCheckDetail']> =>
  bodyOf(api.POST('/api/v1/checks', { body: { text } }))

/** Adds a version to a check as a draft. */
export const reviseCheck = (id: string, text: string): Promise<Schemas['OwnCheckDetail']> =>
  bodyOf(api.PUT('/api/v1/checks/{id}', { params: { path: { id } }, body: { text } }))

/** Lets a version judge, the latest when none is named; an older one takes the published one's place. */
export const publishCheck = (id: string, version?: number) =>
  bodyOf(
    api.POST('/api/v1/checks/{id}/publish', {
      params: { path: { id } },
      body: version === undefined ? {} : { version },
    }),
  )

/** Lets a check judge no longer; its versions stay. */
export const disableCheck = (id: string) =>
  bodyOf(api.POST('/api/v1/checks/{id}/disable', { params: { path: { id } }, body: {} }))
