// What stands in the address of the network map: which view, what is open on it, and the pair that is asked about.
import { flag, list, present, text, whole, word } from '#/util/search'

export const views = ['list', 'map'] as const
export type NetworkView = (typeof views)[number]

export interface NetworkSearch {
  /** The list when missing. */
  view?: NetworkView
  /** An id, or `internet`. */
  from?: string
  to?: string
  /** The port that the pair is asked about; any when missing. */
  port?: number
  /** Words that narrow the list. */
  q?: string
  /** Whether only what faces the internet is on the map. */
  facing?: true
  /** Boxes of the map that are not as they are at first: open or closed. */
  flip?: string[]
  /** The end point whose traffic is shown. */
  node?: string
}

function portOf(value: unknown): number | undefined {
  const port = whole(value)
  return port !== undefined && port < 65_536 ? port : undefined
}

export function networkSearch(search: Record<string, unknown>): NetworkSearch {
  return present({
    view: word(search.view, views.slice(1)),
    from: text(search.from),
    to: text(search.to),
    port: portOf(search.port),
    q: text(search.q),
    facing: flag(search.facing),
    flip: list(search.flip),
    node: text(search.node),
  })
}
