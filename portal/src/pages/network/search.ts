// What stands in the address of the network map: which view, what is open on it, and the pair that is asked about.
import { flag, list, present, text, word } from '#/util/search'

export const views = ['list', 'map'] as const
export type NetworkView = (typeof views)[number]

export interface NetworkSearch {
  /** The list when missing. */
  view?: NetworkView
  /** An id, or `internet`. */
  from?: string
  to?: string
  /** Words that narrow the list. */
  q?: string
  /** Whether only what faces the internet is on the map. */
  facing?: true
  /** Boxes of the map that are not as they are at first: open or closed. */
  flip?: string[]
  /** The end point whose traffic is shown. */
  node?: string
}

export function networkSearch(search: Record<string, unknown>): NetworkSearch {
  return present({
    view: word(search.view, views.slice(1)),
    from: text(search.from),
    to: text(search.to),
    q: text(search.q),
    facing: flag(search.facing),
    flip: list(search.flip),
    node: text(search.node),
  })
}
