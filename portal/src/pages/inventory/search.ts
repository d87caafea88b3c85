// What stands in the address of the inventory.
import type { ResourceFilter } from '#/api/queries/resources'
import { criticalities, type CriticalityName } from '#/ui/Criticality'
import { flag, list, present, text, word, words } from '#/util/search'

const sorts = ['severity', 'unhealthy', 'criticality', 'name', 'kind', 'id'] as const
const states = ['unhealthy', 'unknown', 'healthy', 'notAssessed'] as const
const severities = ['critical', 'high', 'medium', 'low'] as const

export interface InventorySearch {
  q?: string
  kind?: string[]
  cloud?: string[]
  region?: string[]
  tag?: string[]
  state?: (typeof states)[number][]
  severity?: (typeof severities)[number][]
  check?: string[]
  criticality?: CriticalityName[]
  exempt?: true
  sort?: (typeof sorts)[number]
  reverse?: true
  columns?: string[]
  /** The resource that is open in the side panel. */
  open?: string
}

/** Stands in addresses for the region of what has none: an empty parameter would be lost. */
export const NOWHERE = '-'

export function inventorySearch(search: Record<string, unknown>): InventorySearch {
  return present({
    q: text(search.q),
    kind: list(search.kind),
    cloud: list(search.cloud),
    region: list(search.region),
    tag: list(search.tag),
    state: words(search.state, states),
    severity: words(search.severity, severities),
    check: list(search.check),
    criticality: words(search.criticality, criticalities),
    exempt: flag(search.exempt),
    sort: word(search.sort, sorts),
    reverse: flag(search.reverse),
    columns: list(search.columns),
    open: text(search.open),
  })
}

/** The filters that the facets and chips of the inventory show. */
export const filterNames = [
  'state',
  'severity',
  'criticality',
  'cloud',
  'kind',
  'region',
  'tag',
  'check',
] as const
export type FilterName = (typeof filterNames)[number]

/** The address as the API asks for it. */
export function filterOf(search: InventorySearch, scope: string | undefined): ResourceFilter {
  const { columns: _columns, open: _open, region, ...rest } = search
  return present({
    ...rest,
    region: region?.map((it) => (it === NOWHERE ? '' : it)),
    scope: scope === undefined ? undefined : [scope],
  })
}

/** The address with a value of a filter chosen, or let go where it was chosen. */
export function toggled(search: InventorySearch, name: FilterName, value: string): InventorySearch {
  const now: readonly string[] = search[name] ?? []
  const next = now.includes(value) ? now.filter((it) => it !== value) : [...now, value]
  return inventorySearch({ ...search, [name]: next, open: undefined })
}

/** The address without filters. */
export function cleared(search: InventorySearch): InventorySearch {
  return present({ sort: search.sort, reverse: search.reverse, columns: search.columns })
}
