// What stands in the address of the jobs.
import { present, whole, word } from '#/util/search'

export const jobStates = ['running', 'ready', 'done', 'dead', 'cancelled'] as const

/** `open` is the number of the job beside the list. */
export interface JobsSearch {
  state?: (typeof jobStates)[number]
  open?: number
}

export function jobsSearch(search: Record<string, unknown>): JobsSearch {
  return present({ state: word(search.state, jobStates), open: whole(search.open) })
}
