// What stands in the address of the page of a recommendation.
import { present, text, word } from '#/util/search'

export const detailTabs = ['overview', 'graph', 'insights'] as const
export type DetailTab = (typeof detailTabs)[number]

export interface DetailSearch {
  /** The overview when missing. */
  tab?: DetailTab
  /** The affected resource that is looked at; the first when missing. */
  resource?: string
}

export function detailSearch(search: Record<string, unknown>): DetailSearch {
  return present({ tab: word(search.tab, detailTabs.slice(1)), resource: text(search.resource) })
}
