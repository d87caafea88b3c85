// What stands in the address of the audit log.
import { present, whole } from '#/util/search'

/** `open` is the number of the line beside the list. */
export interface AuditSearch {
  open?: number
}

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  return present({ open: whole(search.open) })
}
