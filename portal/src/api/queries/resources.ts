// Resources: lists of them, one of them, how it came about.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'
import type { paths } from '../generated/schema'

/** Filters and order of the list of resources, as the API names them. */
export type ResourceFilter = Omit<
  NonNullable<paths['/api/v1/resources']['get']['parameters']['query']>,
  'limit' | 'cursor'
>

/** One page of resources, with the facets of the filter. */
export function resourcePage(
  filter: ResourceFilter,
  cursor: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<Schemas['Faceted_Resource']> {
  const query = { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }
  return bodyOf(api.GET('/api/v1/resources', { params: { query }, signal }))
}

/** A resource with its document, its assessments and its neighbours. */
export const resourceQuery = (id: string) =>
  queryOptions({
    queryKey: ['get_resource', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/resources/{id}', { params: { path: { id } }, signal })),
  })

/** What happened to a resource, the latest step first. */
export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['list_versions', id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/api/v1/resources/{id}/versions', { params: { path: { id } }, signal })),
  })

/** An assessment with the values that prove it. */
export const assessmentQuery = (id: string, check: string) =>
  queryOptions({
    queryKey: ['get_assessment', id, check],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/resources/{id}/assessments/{check}', { params: { path: { id, check } }, signal }),
      ),
  })

/** All kinds that the content describes. They change with a release, not while one looks. */
export const kindsQuery = queryOptions({
  queryKey: ['list_kinds'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/content/kinds', { signal })),
  staleTime: 60 * 60_000,
})

/** The document of a resource as it was at a commit. */
export const versionQuery = (id: string, sequence: number) =>
  queryOptions({
    queryKey: ['get_version', id, sequence],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/resources/{id}/versions/{sequence}', { params: { path: { id, sequence } }, signal }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  })
