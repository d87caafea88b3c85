// The list of checks, narrowed in the browser: it is small, and here as a whole.
import type { Schemas } from '#/api/client'
import { severities } from '#/ui/Severity'
import { type ContentSearch, type FilterName, filterNames } from './search'

/** A check in the list, with the properties that it can be filtered by. */
export type CheckLine = Schemas['CheckLine']

const part = (id: string, place: number): string => id.split('.')[place] ?? ''

/** The values that a check has of a property. A check of one's own belongs to the cloud and service of its kinds. */
export function valuesOf(it: CheckLine, name: FilterName): readonly string[] {
  switch (name) {
    case 'origin':
      return [it.own ? 'own' : 'merlon']
    case 'cloud':
      return [...new Set(it.kinds.map((kind) => part(kind, 0)))]
    case 'service':
      return it.own ? [] : [part(it.id, 1)]
    case 'severity':
      return [it.severity]
    case 'kind':
      return it.kinds
    case 'control':
      return [it.control]
    case 'standard':
      return it.standards
    case 'status':
      return [it.status]
  }
}

function fits(it: CheckLine, search: ContentSearch, but?: FilterName): boolean {
  const text = `${it.title} ${it.id} ${it.kinds.join(' ')}`.toLowerCase()
  const isFound = (search.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
  return (
    isFound &&
    filterNames.every((name) => {
      const chosen: readonly string[] | undefined = name === but ? undefined : search[name]
      return chosen === undefined || valuesOf(it, name).some((value) => chosen.includes(value))
    })
  )
}

/** The checks that fit, in the order of the address. */
export function fitting(all: readonly CheckLine[], search: ContentSearch): CheckLine[] {
  const found = all.filter((it) => fits(it, search))
  const sign = search.reverse === true ? -1 : 1
  const worst = (it: CheckLine) => severities.indexOf(it.severity)
  return found.sort((a, b) => {
    const by =
      search.sort === 'severity'
        ? worst(a) - worst(b)
        : search.sort === 'title'
          ? a.title.localeCompare(b.title)
          : 0
    return sign * (by || a.id.localeCompare(b.id))
  })
}

/** How the checks fall apart by a property, with all filters but its own; the most frequent values first. */
export function counted(
  all: readonly CheckLine[],
  search: ContentSearch,
  name: FilterName,
): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const it of all) {
    if (!fits(it, search, name)) continue
    for (const value of valuesOf(it, name)) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) =>
      name === 'severity'
        ? severities.findIndex((it) => it === a.value) - severities.findIndex((it) => it === b.value)
        : b.count - a.count || a.value.localeCompare(b.value),
    )
}
