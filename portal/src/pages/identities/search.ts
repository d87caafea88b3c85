// What stands in the address of the identities: the question that was asked.
import { present, text } from '#/util/search'

export interface IdentitiesSearch {
  /** An identity; everybody when it is missing. */
  who?: string
  /** A resource. */
  what?: string
  /** An action in the words of its cloud. */
  action?: string
}

export function identitiesSearch(search: Record<string, unknown>): IdentitiesSearch {
  return present({ who: text(search.who), what: text(search.what), action: text(search.action) })
}
