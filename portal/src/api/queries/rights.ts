// What identities may do, and what packets may pass.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'
import type { paths } from '../generated/schema'

export type Decision = Schemas['AccessDecision']
export type EndPoint = Schemas['Exposed']

/** Who may do what to what; everybody who may when `who` is missing. */
export type RightsQuestion = paths['/api/v1/access']['get']['parameters']['query']

export const rightsQuery = (question: RightsQuestion) =>
  queryOptions({
    queryKey: ['list_access', question],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/access', { params: { query: question }, signal })),
  })

/** What packets from the internet reach. */
export const exposureQuery = queryOptions({
  queryKey: ['list_exposure'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/exposure', { signal })),
})

/** What may pass from one end point to another, at one port or at any, with every rule that a packet passes. */
export const reachQuery = (from: string, to: string, port?: number) =>
  queryOptions({
    queryKey: ['show_reach', from, to, port],
    queryFn: ({ signal }) => {
      const query = { from, to, ...(port === undefined ? {} : { port }) }
      return bodyOf(api.GET('/api/v1/reach', { params: { query }, signal }))
    },
  })
