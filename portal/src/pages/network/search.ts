// What stands in the address of the network map: the pair that is asked about.
import { present, text } from '#/util/search'

export interface NetworkSearch {
  /** An id, or `internet`. */
  from?: string
  to?: string
  /** Words that narrow the list. */
  q?: string
}

export function networkSearch(search: Record<string, unknown>): NetworkSearch {
  return present({ from: text(search.from), to: text(search.to), q: text(search.q) })
}
