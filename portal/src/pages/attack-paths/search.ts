// What stands in the address of the attack paths: the question, the fixes that are tried out, and what is open.
import { flag, list, present, text, whole } from '#/util/search'

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
}

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
  })
}

/** The address with a fix taken as made, or no longer. */
export function toggled(search: AttackPathsSearch, fix: number): AttackPathsSearch {
  const now = search.without ?? []
  const without = now.includes(fix) ? now.filter((it) => it !== fix) : [...now, fix]
  return attackPathsSearch({ ...search, without })
}
