// Standards, how their requirements fare, and what people attest about those that no check can judge.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'

/** All standards with how many requirements are in which state. */
export const standardsQuery = queryOptions({
  queryKey: ['list_standards'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/standards', { signal })),
})

/** One standard with its requirements. */
export const standardQuery = (id: string) =>
  queryOptions({
    queryKey: ['get_standard', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/standards/{id}', { params: { path: { id } }, signal })),
  })

/** Attests a requirement for the whole tenant. */
export const attest = (
  standard: string,
  requirement: string,
  attested: Schemas['NewAttested'],
): Promise<Schemas['Attestation']> =>
  bodyOf(
    api.PUT('/api/v1/standards/{id}/requirements/{requirement}/attestation', {
      params: { path: { id: standard, requirement } },
      body: attested,
    }),
  )
