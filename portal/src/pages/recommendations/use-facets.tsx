// The facets of recommendations with names for people.
import type { Schemas } from '#/api/client'
import { useControlName, useStandardName } from '#/components/names'
import type { Chip } from '#/ui/Chips'
import type { FacetGroup } from '#/ui/Facets'
import { cloudName } from '#/ui/glyphs'
import { Severity, severities, severityWord, Verdict, verdicts, verdictWord } from '#/ui/Severity'
import { type FilterName, filterNames, type RecommendationsSearch, statesOf } from './search'

const titles: Record<FilterName, string> = {
  state: 'State',
  risk: 'Risk here',
  severity: 'Severity',
  cloud: 'Cloud',
  control: 'Control',
  category: 'Service',
  standard: 'Standard',
}

function useLabel(): (name: FilterName, value: string) => string {
  const controlName = useControlName()
  const standardName = useStandardName()
  return (name, value) => {
    switch (name) {
      case 'state': {
        const known = verdicts.find((it) => it === value)
        return known === undefined ? value : verdictWord(known)
      }
      case 'risk':
      case 'severity': {
        const known = severities.find((it) => it === value)
        return known === undefined ? value : severityWord(known)
      }
      case 'cloud':
        return cloudName(value)
      case 'control':
        return controlName(value)
      case 'standard':
        return standardName(value)
      case 'category':
        return value
    }
  }
}

function mark(name: FilterName, value: string) {
  if (name === 'severity' || name === 'risk') {
    const known = severities.find((it) => it === value)
    return known === undefined ? undefined : <Severity value={known} />
  }
  if (name === 'state') {
    const known = verdicts.find((it) => it === value)
    return known === undefined ? undefined : <Verdict value={known} />
  }
  return undefined
}

const chosenOf = (search: RecommendationsSearch, name: FilterName): readonly string[] =>
  name === 'state' ? statesOf(search) : (search[name] ?? [])

/** The column of facets. Severities stand from the worst on, the rest by how many there are. */
export function useFacetGroups(
  facets: readonly Schemas['FacetCounts'][] | undefined,
  search: RecommendationsSearch,
): FacetGroup[] {
  const label = useLabel()
  return filterNames.map((name) => {
    const facet = facets?.find((it) => it.name === name)
    const values = (facet?.values ?? []).map((it) => ({
      value: it.value,
      label: label(name, it.value),
      mark: mark(name, it.value),
      count: it.count,
    }))
    if (name === 'severity' || name === 'risk') {
      values.sort((a, b) => place(severities, a.value) - place(severities, b.value))
    }
    return {
      name,
      title: titles[name],
      values,
      more: facet?.more ?? 0,
      chosen: chosenOf(search, name),
      folded: name === 'category' || name === 'standard',
    }
  })
}

const place = (order: readonly string[], value: string): number => order.indexOf(value)

/** The filters of the address as chips. */
export function useChips(search: RecommendationsSearch): Chip[] {
  const label = useLabel()
  const words =
    search.q === undefined ? [] : [{ name: 'q', value: search.q, title: 'Words', label: search.q }]
  return [
    ...words,
    ...filterNames.flatMap((name) =>
      (name === 'state' && search.state === undefined ? [] : chosenOf(search, name)).map((value) => ({
        name,
        value,
        title: titles[name],
        label: label(name, value),
      })),
    ),
  ]
}
