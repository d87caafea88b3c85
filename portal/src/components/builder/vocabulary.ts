// What the graph holds, for what the builder offers.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '#/api/client'
import { textOf } from './form'
import { knownOf, knownPaths } from './words'

export type Vocabulary = Schemas['Vocabulary']

/** What things of these labels hold and are connected with. */
export const vocabularyQuery = (labels: readonly string[]) =>
  queryOptions({
    queryKey: ['show_vocabulary', ...labels],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/api/v1/query/vocabulary', {
          params: { query: { label: [...labels].slice(0, 20) } },
          signal,
        }),
      ),
    staleTime: 5 * 60_000,
  })

/** A path that is offered. */
export interface Offered {
  path: string
  types: readonly string[]
  values: readonly (string | number | boolean)[]
}

const isPlain = (it: unknown): it is string | number | boolean =>
  typeof it === 'string' || typeof it === 'number' || typeof it === 'boolean'

/** Values to choose from at paths; below `inside`, the elements of that list. What Merlon says comes first. */
export function offeredOf(of: Vocabulary | undefined, inside: readonly string[] | undefined): Offered[] {
  const prefix = inside === undefined ? [] : [...inside, '*']
  const fits = (path: readonly string[]) =>
    prefix.every((key, at) => path[at] === key) && !path.slice(prefix.length).includes('*')
  const seen = (of?.paths ?? [])
    .filter((it) => fits(it.path))
    .map((it): Offered => {
      const path = textOf(it.path.slice(prefix.length))
      const own = knownOf(path)
      return {
        path,
        types: own?.types ?? it.types,
        values: own?.values?.filter(isPlain) ?? it.values.filter(isPlain),
      }
    })
  if (inside !== undefined) return seen
  const missing = knownPaths
    .filter((path) => !seen.some((it) => it.path === path))
    .map((path): Offered => ({
      path,
      types: knownOf(path)?.types ?? [],
      values: knownOf(path)?.values?.filter(isPlain) ?? [],
    }))
  const isFirst = (it: Offered) => it.path.startsWith('merlon.') && it.path !== 'merlon.tags'
  const all = [...missing, ...seen].filter((it) => it.path !== 'merlon' && it.path !== '')
  return [...all.filter(isFirst), ...all.filter((it) => !isFirst(it))]
}
