// What stands in the address of the secure score.
import { list, present, text } from '#/util/search'

export interface ScoreSearch {
  /** The control whose checks are shown. */
  control?: string
  /** Ids of the checks and controls in the basket: what if these were mended? */
  fix?: string[]
}

export function scoreSearch(search: Record<string, unknown>): ScoreSearch {
  return present({ control: text(search.control), fix: list(search.fix) })
}

/** The address with something put into the basket, or taken out of it. */
export function basketed(search: ScoreSearch, id: string): ScoreSearch {
  const now = search.fix ?? []
  const fix = now.includes(id) ? now.filter((it) => it !== id) : [...now, id]
  return present({ control: search.control, fix: fix.length === 0 ? undefined : fix })
}
