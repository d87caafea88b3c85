// What stands in the address of a standard.
import { type StandingName, standings } from '#/components/Standing'
import { present, text, words } from '#/util/search'

export interface StandardSearch {
  q?: string
  state?: StandingName[]
  /** The requirement that is open in the side panel. */
  open?: string
}

export function standardSearch(search: Record<string, unknown>): StandardSearch {
  return present({ q: text(search.q), state: words(search.state, standings), open: text(search.open) })
}
