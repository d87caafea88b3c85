// What came of publishing a check, as a person would say it.
import { count, point } from '#/util/format'

interface Outcome {
  found: { healthy: number; unhealthy: number; unknown: number }
  score?: { before?: { percent: number } | null; after?: { percent: number } | null } | null
}

/** `It finds 3 unhealthy, 4 healthy. The score went from 52.1 % to 51.9 %.` A job has not found anything yet. */
export function saidOf(done: Outcome | { state: string }): string {
  if (!('found' in done)) return 'It is a large one: what it finds shows as soon as its job is done.'
  const { healthy, unhealthy, unknown } = done.found
  const found = `It finds ${count(unhealthy)} unhealthy, ${count(healthy)} healthy${unknown > 0 ? `, ${count(unknown)} unknown` : ''}.`
  const before = done.score?.before?.percent
  const after = done.score?.after?.percent
  if (before === undefined || after === undefined) return found
  return before === after
    ? `${found} The score stays at ${point(after)} %.`
    : `${found} The score went from ${point(before)} % to ${point(after)} %.`
}
