// What stands in the address of the recommendations.
import type { RecommendationFilter } from '#/api/queries/posture'
import { flag, list, present, text, word, words } from '#/util/search'

const sorts = ['risk', 'urgency', 'unhealthy', 'title'] as const
const states = ['unhealthy', 'unknown', 'healthy', 'notApplicable'] as const
const severities = ['critical', 'high', 'medium', 'low'] as const
export const views = ['list', 'control', 'resource'] as const
export type View = (typeof views)[number]

export interface RecommendationsSearch {
  view?: View
  q?: string
  risk?: (typeof severities)[number][]
  severity?: (typeof severities)[number][]
  state?: (typeof states)[number][]
  /** All states: without it, those that have something open. */
  all?: true
  cloud?: string[]
  category?: string[]
  control?: string[]
  standard?: string[]
  sort?: (typeof sorts)[number]
  reverse?: true
  columns?: string[]
  /** The recommendation that is open in the side panel. */
  open?: string
  /** The affected resource whose evidence is shown there. */
  resource?: string
}

export function recommendationsSearch(search: Record<string, unknown>): RecommendationsSearch {
  return present({
    view: word(search.view, views),
    q: text(search.q),
    risk: words(search.risk, severities),
    severity: words(search.severity, severities),
    state: words(search.state, states),
    all: flag(search.all),
    cloud: list(search.cloud),
    category: list(search.category),
    control: list(search.control),
    standard: list(search.standard),
    sort: word(search.sort, sorts),
    reverse: flag(search.reverse),
    columns: list(search.columns),
    open: text(search.open),
    resource: text(search.resource),
  })
}

export const filterNames = ['state', 'risk', 'severity', 'cloud', 'control', 'category', 'standard'] as const
export type FilterName = (typeof filterNames)[number]

/** The states that are listed: what is open, unless the address says otherwise. */
export function statesOf(search: RecommendationsSearch): readonly (typeof states)[number][] {
  return search.state ?? (search.all === true ? [] : ['unhealthy'])
}

/** The address as the API asks for it. */
export function filterOf(search: RecommendationsSearch, scope: string | undefined): RecommendationFilter {
  const { q, risk, severity, cloud, category, control, standard, sort, reverse } = search
  const state = statesOf(search)
  return present({
    q,
    risk,
    severity,
    state: state.length === 0 ? undefined : [...state],
    cloud,
    category,
    control,
    standard,
    sort,
    reverse,
    scope: scope === undefined ? undefined : [scope],
  })
}

/** The address with a value of a filter chosen, or let go where it was chosen. */
export function toggled(
  search: RecommendationsSearch,
  name: FilterName,
  value: string,
): RecommendationsSearch {
  const now: readonly string[] = name === 'state' ? statesOf(search) : (search[name] ?? [])
  const next = now.includes(value) ? now.filter((it) => it !== value) : [...now, value]
  return recommendationsSearch({
    ...search,
    [name]: next,
    ...(name === 'state' ? { all: next.length === 0 } : {}),
    open: undefined,
    resource: undefined,
  })
}

/** The address without a filter. */
export function without(search: RecommendationsSearch, name: FilterName | 'q'): RecommendationsSearch {
  return recommendationsSearch({ ...search, [name]: undefined, ...(name === 'state' ? { all: true } : {}) })
}

/** The address without filters. */
export function cleared(search: RecommendationsSearch): RecommendationsSearch {
  return present({ view: search.view, sort: search.sort, reverse: search.reverse, columns: search.columns })
}
