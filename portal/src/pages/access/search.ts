// What stands in the address of the access pages.
import { present, whole, word } from '#/util/search'

export const tabs = ['people', 'groups', 'roles', 'tokens'] as const

export type AccessTab = (typeof tabs)[number]

/** `open` is the number of the account or group beside the list. */
export interface AccessSearch {
  tab?: AccessTab
  open?: number
}

export function accessSearch(search: Record<string, unknown>): AccessSearch {
  return present({ tab: word(search.tab, tabs), open: whole(search.open) })
}
