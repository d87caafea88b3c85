// The facets of the inventory, in words for people.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { kindsQuery } from '#/api/queries/resources'
import type { FacetGroup, FacetValue } from '#/ui/Facets'
import { criticalities, criticalityOf, criticalityWord, Criticality } from '#/ui/Criticality'
import { cloudName } from '#/ui/glyphs'
import {
  Severity,
  type SeverityName,
  severities,
  severityWord,
  Verdict,
  type VerdictName,
  verdicts,
  verdictWord,
} from '#/ui/Severity'
import { type FilterName, type InventorySearch, NOWHERE } from './search'

const titles: Record<FilterName, string> = {
  state: 'State',
  severity: 'Open problems',
  criticality: 'Critical assets',
  cloud: 'Cloud',
  kind: 'Kind',
  region: 'Region',
  tag: 'Tag',
  check: 'Check',
}

/** The name of a filter for people. */
export const filterTitle = (name: FilterName): string => titles[name]

const isVerdict = (value: string): value is VerdictName => verdicts.some((it) => it === value)
const isSeverity = (value: string): value is SeverityName => severities.some((it) => it === value)

/** Says values of filters in words. */
export function useWords(): (name: FilterName, value: string) => string {
  const kinds = useQuery(kindsQuery)
  const byId = useMemo(() => new Map(kinds.data?.map((it) => [it.id, it.title] as const)), [kinds.data])
  return useMemo(
    () => (name, value) => {
      switch (name) {
        case 'state':
          return isVerdict(value) ? verdictWord(value) : value
        case 'severity':
          return isSeverity(value) ? severityWord(value) : value
        case 'criticality': {
          const level = criticalityOf(value)
          return level === undefined ? value : criticalityWord(level)
        }
        case 'cloud':
          return cloudName(value)
        case 'kind':
          return byId.get(value) ?? value
        case 'region':
          return value === NOWHERE ? 'No region' : value
        case 'tag':
        case 'check':
          return value
      }
    },
    [byId],
  )
}

function markOf(name: FilterName, value: string) {
  if (name === 'state' && isVerdict(value)) return { mark: <Verdict value={value} /> }
  if (name === 'severity' && isSeverity(value)) return { mark: <Severity value={value} /> }
  const level = name === 'criticality' ? criticalityOf(value) : undefined
  return level === undefined ? {} : { mark: <Criticality value={level} /> }
}

const order: readonly string[] = [...severities, ...verdicts]
const levels: readonly string[] = criticalities

/** The groups that stand beside the list. */
export function facetGroups(
  facets: readonly Schemas['FacetCounts'][],
  search: InventorySearch,
  words: (name: FilterName, value: string) => string,
): FacetGroup[] {
  const group = (name: FilterName, more: Partial<FacetGroup> = {}): FacetGroup => {
    const facet = facets.find((it) => it.name === name)
    const values: FacetValue[] = (facet?.values ?? []).map(({ value, count }) => {
      const given = name === 'region' && value === '' ? NOWHERE : value
      return { value: given, label: words(name, given), count, ...markOf(name, given) }
    })
    if (name === 'state' || name === 'severity') {
      values.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value))
    }
    if (name === 'criticality') values.sort((a, b) => levels.indexOf(a.value) - levels.indexOf(b.value))
    return { name, title: titles[name], values, more: facet?.more ?? 0, chosen: search[name] ?? [], ...more }
  }
  return [
    group('state'),
    group('severity'),
    group('criticality'),
    group('cloud'),
    group('kind'),
    group('region'),
    group('tag', { free: 'Find, or type key=value' }),
  ]
}
