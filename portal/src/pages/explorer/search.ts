// What stands in the address of the explorer: the question that was asked, so that a link asks it again.
import { type QuerySearch, querySearch } from '#/pages/query/search'
import { present, word } from '#/util/search'

export const ways = ['builder', 'text'] as const
export type Way = (typeof ways)[number]

export interface ExplorerSearch extends QuerySearch {
  /** Where it is edited; the builder when absent. */
  by?: 'text'
}

export function explorerSearch(search: Record<string, unknown>): ExplorerSearch {
  return {
    ...querySearch(search),
    ...present({ by: word(search.by, ways) === 'text' ? ('text' as const) : undefined }),
  }
}
