// What stands in the address of the exemptions.
import { present, text, whole, word } from '#/util/search'

export const states = ['active', 'ending', 'ended'] as const
export type ExemptionState = (typeof states)[number]

export interface ExemptionsSearch {
  q?: string
  state?: ExemptionState
  /** The number of the exemption that is open in the side panel. */
  open?: number
}

export function exemptionsSearch(search: Record<string, unknown>): ExemptionsSearch {
  return present({ q: text(search.q), state: word(search.state, states), open: whole(search.open) })
}
