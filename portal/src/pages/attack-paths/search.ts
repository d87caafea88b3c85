// What stands in the address of the attack paths: the question, the fixes that are tried out, and what is open.
import type { StoryFilter } from '#/api/queries/attack'
import { severities } from '#/ui/Severity'
import { flag, list, present, text, whole, word, words } from '#/util/search'

type RiskName = (typeof severities)[number]

export interface AttackPathsSearch {
  /** Where the attacker begins: ids, `internet`, `any-user`. What the server takes when it is not said when missing. */
  from?: string[]
  /** What is threatened: an id or `account-admin`. */
  to?: string
  /** Numbers of the fixes that are taken as made. */
  without?: number[]
  /** The path that is open, by its mark. */
  path?: string
  /** The step of it that is open, from 1. */
  step?: number
  /** Whether paths are listed that rest on what could not be judged. */
  unproven?: true
  /** Whether only paths are listed that were found within the last days. */
  new?: true
  /** Today's paths when missing. */
  tab?: 'time'
  /** What narrows the list over time. */
  q?: string
  status?: ('new' | 'open' | 'resolved')[]
  risk?: RiskName[]
  entry?: string[]
  kind?: string[]
  /** Since when paths of that list are found or resolved: instants. */
  foundSince?: string
  resolvedSince?: string
}

/** Filters of the list over time that have facets. */
export const storyFilters = ['status', 'risk', 'entry', 'kind'] as const

export function attackPathsSearch(search: Record<string, unknown>): AttackPathsSearch {
  const without = list(search.without)?.flatMap((it) => whole(it) ?? [])
  const step = whole(search.step)
  return present({
    from: list(search.from),
    to: text(search.to),
    without: without === undefined || without.length === 0 ? undefined : [...new Set(without)],
    path: text(search.path),
    step: step === 0 ? undefined : step,
    unproven: flag(search.unproven),
    new: flag(search.new),
    tab: word(search.tab, ['time']),
    q: text(search.q),
    status: words(search.status, ['new', 'open', 'resolved']),
    risk: words(search.risk, severities),
    entry: list(search.entry),
    kind: list(search.kind),
    foundSince: text(search.foundSince),
    resolvedSince: text(search.resolvedSince),
  })
}

/** The address with a fix taken as made, or no longer. */
export function toggled(search: AttackPathsSearch, fix: number): AttackPathsSearch {
  const now = search.without ?? []
  const without = now.includes(fix) ? now.filter((it) => it !== fix) : [...now, fix]
  return attackPathsSearch({ ...search, without })
}

/** The address as the API asks for the list over time. */
export function storyFilter(search: AttackPathsSearch): StoryFilter {
  const { q, status, risk, entry, kind, foundSince, resolvedSince } = search
  return present({ q, status, risk, entry, kind, foundSince, resolvedSince })
}

/** The address with a value of a filter of that list chosen, or no longer. */
export function toggledStory(
  search: AttackPathsSearch,
  name: (typeof storyFilters)[number],
  value: string,
): AttackPathsSearch {
  const now: readonly string[] = search[name] ?? []
  const next = now.includes(value) ? now.filter((it) => it !== value) : [...now, value]
  return attackPathsSearch({ ...search, [name]: next })
}
