// Names for people of what the API says by id: scopes, controls, standards, commits.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { changesQuery, controlsQuery } from '#/api/queries/posture'
import { scopesQuery } from '#/api/queries/scopes'
import { standardsQuery } from '#/api/queries/standards'

type NameOf = (id: string) => string

function useNames<T>(items: readonly T[] | undefined, of: (item: T) => readonly [string, string]): NameOf {
  return useMemo(() => {
    const names = new Map((items ?? []).map(of))
    return (id) => names.get(id) ?? id
  }, [items, of])
}

const scopeName = (it: { id: string; name: string }) => [it.id, it.name === '' ? it.id : it.name] as const
const titled = (it: { id: string; title: string }) => [it.id, it.title] as const

/** The name of a scope; its id where it has none or is not seen. */
export const useScopeName = (): NameOf => useNames(useQuery(scopesQuery).data?.items, scopeName)

/** The title of a control. */
export const useControlName = (): NameOf => useNames(useQuery(controlsQuery).data, titled)

/** The title of a standard. */
export const useStandardName = (): NameOf => useNames(useQuery(standardsQuery).data, titled)

/** The instant of a commit; undefined for one that lies too far back to be known here. */
export function useInstantOf(): (commit: number) => string | undefined {
  const { data } = useQuery(changesQuery())
  return useMemo(() => {
    const instants = new Map(data?.items.map((it) => [it.sequence, it.at]))
    return (commit) => instants.get(commit)
  }, [data])
}
