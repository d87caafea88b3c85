// What stands in the addresses of critical assets.
import type { CriticalFilter } from '#/api/queries/critical'
import { criticalities, type CriticalityName } from '#/ui/Criticality'
import { flag, list, present, text, whole, word, words } from '#/util/search'

export const tabs = ['assets', 'review', 'classifications'] as const
export type CriticalTab = (typeof tabs)[number]

/** How an asset to review was decided on; `undecided` alone when nothing is asked for. */
export const decisionStates = ['undecided', 'critical', 'notCritical'] as const
export type DecisionState = (typeof decisionStates)[number]

export interface CriticalSearch {
  /** The list of critical assets when missing. */
  tab?: CriticalTab
  q?: string
  level?: CriticalityName[]
  kind?: string[]
  cloud?: string[]
  /** Ids of classifications. */
  classification?: string[]
  /** Of assets to review: how they were decided on. */
  decision?: DecisionState[]
  /** `own` or `merlon`: who wrote the classification. */
  origin?: ('own' | 'merlon')[]
  /** Whether the classification marks anything. */
  state?: ('on' | 'off' | 'review')[]
  /** What the classification is about. */
  assets?: ('device' | 'identity' | 'cloudResource')[]
  reverse?: true
  columns?: string[]
  /** The asset, or on its tab the classification, that is open in the side panel. */
  open?: string
}

export function criticalSearch(search: Record<string, unknown>): CriticalSearch {
  return present({
    tab: word(search.tab, tabs.slice(1)),
    q: text(search.q),
    level: words(search.level, criticalities),
    kind: list(search.kind),
    cloud: list(search.cloud),
    classification: list(search.classification),
    decision: words(search.decision, decisionStates),
    origin: words(search.origin, ['own', 'merlon']),
    state: words(search.state, ['on', 'off', 'review']),
    assets: words(search.assets, ['device', 'identity', 'cloudResource']),
    reverse: flag(search.reverse),
    columns: list(search.columns),
    open: text(search.open),
  })
}

export const assetFilters = ['level', 'classification', 'cloud', 'kind'] as const
export const reviewFilters = ['decision', ...assetFilters] as const
export const classificationFilters = ['origin', 'state', 'level', 'assets', 'cloud'] as const
export type FilterName = (typeof reviewFilters)[number] | (typeof classificationFilters)[number]

/** The address as the API asks for the list of assets. */
export function filterOf(search: CriticalSearch, scope: string | undefined): CriticalFilter {
  const { q, level, kind, cloud, classification, decision, reverse } = search
  return present({
    q,
    level,
    kind,
    cloud,
    classification,
    decision,
    reverse,
    scope: scope === undefined ? undefined : [scope],
  })
}

/** What is chosen of a filter: where no decision is asked for, what nobody has decided on. */
export const chosenOf = (search: CriticalSearch, name: FilterName): readonly string[] =>
  search[name] ?? (name === 'decision' ? ['undecided'] : [])

/** The address with a value of a filter chosen, or let go where it was chosen. */
export function toggled(search: CriticalSearch, name: FilterName, value: string): CriticalSearch {
  const now = chosenOf(search, name)
  const next = now.includes(value) ? now.filter((it) => it !== value) : [...now, value]
  return criticalSearch({ ...search, [name]: next, open: undefined })
}

/** The address without filters. */
export function cleared(search: CriticalSearch): CriticalSearch {
  return present({ tab: search.tab, reverse: search.reverse, columns: search.columns })
}

/** Steps of the wizard, by their place in the address. */
export const steps = ['describe', 'find', 'level', 'review'] as const
export type Step = (typeof steps)[number]

export interface WizardSearch {
  /** Counted from 1; the first when missing. */
  step?: number
  /** The classification of one's own that is changed. */
  edit?: string
  /** The one that the new one begins from. */
  from?: string
  /** What a new one is about, from elsewhere in the portal. */
  kind?: string
  label?: string
  where?: string
}

export function wizardSearch(search: Record<string, unknown>): WizardSearch {
  const step = whole(search.step)
  return present({
    step: step !== undefined && step > 1 && step <= steps.length ? step : undefined,
    edit: text(search.edit),
    from: text(search.from),
    kind: text(search.kind),
    label: text(search.label),
    where: text(search.where),
  })
}
