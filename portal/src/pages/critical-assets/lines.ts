// The classifications that fit what is asked for, counted by property.
import type { Classification } from '#/api/queries/critical'
import type { FacetValue } from '#/ui/Facets'
import { type classificationFilters, type CriticalSearch } from './search'
import { cloudsOf, originOf, stateOf } from './words'

type Name = (typeof classificationFilters)[number]

function valuesOf(it: Classification, name: Name): readonly string[] {
  switch (name) {
    case 'origin':
      return [originOf(it)]
    case 'state':
      return [stateOf(it)]
    case 'level':
      return [it.level]
    case 'assets':
      return [it.assets]
    case 'cloud':
      return cloudsOf(it)
  }
}

function fits(it: Classification, search: CriticalSearch, except?: Name): boolean {
  const words = (search.q ?? '').toLowerCase().split(/\s+/)
  const text = `${it.title} ${it.id} ${it.description} ${it.kinds.join(' ')}`.toLowerCase()
  return (
    words.every((word) => text.includes(word)) &&
    (['origin', 'state', 'level', 'assets', 'cloud'] as const).every((name) => {
      const chosen: readonly string[] = search[name] ?? []
      return name === except || chosen.length === 0 || valuesOf(it, name).some((one) => chosen.includes(one))
    })
  )
}

const order = ['veryHigh', 'high', 'medium', 'low']

/** Those that fit: one's own first, then the most critical, then what finds most. */
export function fitting(all: readonly Classification[], search: CriticalSearch): Classification[] {
  return all
    .filter((it) => fits(it, search))
    .sort(
      (a, b) =>
        Number(b.own) - Number(a.own) ||
        order.indexOf(a.level) - order.indexOf(b.level) ||
        b.matching - a.matching ||
        a.title.localeCompare(b.title),
    )
}

/** How many of each value there are, with all filters but that of the property itself. */
export function counted(all: readonly Classification[], search: CriticalSearch, name: Name): FacetValue[] {
  const counts = new Map<string, number>()
  for (const it of all) {
    if (!fits(it, search, name)) continue
    for (const value of valuesOf(it, name)) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const found = [...counts].map(([value, count]) => ({ value, count }))
  return name === 'level'
    ? found.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value))
    : found.sort((a, b) => b.count - a.count)
}
