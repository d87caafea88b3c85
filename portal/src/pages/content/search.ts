// What stands in the addresses of the content.
import { flag, list, present, text, word, words } from '#/util/search'

export const filterNames = [
  'origin',
  'cloud',
  'severity',
  'service',
  'kind',
  'control',
  'standard',
  'status',
] as const
export type FilterName = (typeof filterNames)[number]
export const tabs = ['checks', 'kinds', 'controls'] as const
export type ContentTab = (typeof tabs)[number]

export interface ContentSearch {
  tab?: ContentTab
  q?: string
  /** `own` or `merlon`: who wrote the check. */
  origin?: string[]
  cloud?: string[]
  severity?: string[]
  service?: string[]
  kind?: string[]
  control?: string[]
  standard?: string[]
  status?: string[]
  sort?: 'title' | 'severity' | 'id'
  reverse?: true
  columns?: string[]
}

export function contentSearch(search: Record<string, unknown>): ContentSearch {
  return present({
    tab: word(search.tab, tabs),
    q: text(search.q),
    origin: words(search.origin, ['own', 'merlon']),
    cloud: list(search.cloud),
    severity: words(search.severity, ['critical', 'high', 'medium', 'low']),
    service: list(search.service),
    kind: list(search.kind),
    control: list(search.control),
    standard: list(search.standard),
    status: list(search.status),
    sort: word(search.sort, ['title', 'severity', 'id']),
    reverse: flag(search.reverse),
    columns: list(search.columns),
  })
}

export interface CheckEditorSearch {
  /** The kind of resource that the new check is to judge. */
  kind?: string
  /** A value of a document that it is to be about. */
  path?: string
  /** What stands there, as JSON. */
  value?: string
  /** The check that it is to begin from. */
  from?: string
  /** A check of one's own that is to get another version. */
  edit?: string
}

export function checkEditorSearch(search: Record<string, unknown>): CheckEditorSearch {
  return present({
    kind: text(search.kind),
    path: text(search.path),
    value: text(search.value),
    from: text(search.from),
    edit: text(search.edit),
  })
}
