import { present, whole } from '#/util/search'

/** Between which commits: `from` is the earlier one, `to` left out means until now. */
export const changesSearch = (search: Record<string, unknown>): { from?: number; to?: number } =>
  present({ from: whole(search.from), to: whole(search.to) })
