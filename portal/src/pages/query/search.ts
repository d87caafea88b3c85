// What stands in the address of the query page: the question that was run, so that a link asks it again.
import { present, text, whole, word } from '#/util/search'

export const limits = [100, 1000, 10_000] as const
export const forms = ['table', 'graph'] as const

export interface QuerySearch {
  q?: string
  limit?: number
  as?: (typeof forms)[number]
}

export function querySearch(search: Record<string, unknown>): QuerySearch {
  const limit = whole(search.limit)
  return present({
    q: text(search.q),
    limit: limits.find((it) => it === limit && it !== 1000),
    // The table is what one sees when nothing is said.
    as: word(search.as, forms) === 'graph' ? 'graph' : undefined,
  })
}
