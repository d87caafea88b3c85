// What stands in the address of the page of a resource.
import { present, text, word } from '#/util/search'

export const resourceTabs = ['overview', 'document', 'assessments', 'history', 'neighbours', 'paths'] as const
export type ResourceTab = (typeof resourceTabs)[number]

export interface ResourceSearch {
  tab?: ResourceTab
  /** The check whose assessment is open. */
  check?: string
  /** The place in the document that is shown. */
  path?: string
  /** A commit: the document as it was then. */
  version?: string
}

export function resourceSearch(search: Record<string, unknown>): ResourceSearch {
  return present({
    tab: word(search.tab, resourceTabs),
    check: text(search.check),
    path: text(search.path),
    version: text(search.version),
  })
}
