// Which commit this person saw when they were here last. Kept in this browser; a visit ends after half an hour.

const KEY = 'merlon.visit'
const VISIT_MS = 30 * 60_000

interface Visit {
  /** The newest commit of the visit before this one; `null`: there was none. */
  baseline: number | null
  /** When that visit ended. */
  baselineAt: number | null
  /** The newest commit that was seen. */
  latest: number
  /** When. */
  at: number
}

function read(): Visit | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return null
    const of = (name: keyof Visit): number | null => {
      const value: unknown = Reflect.get(kept, name)
      return typeof value === 'number' ? value : null
    }
    const [latest, at] = [of('latest'), of('at')]
    if (latest === null || at === null) return null
    return { baseline: of('baseline'), baselineAt: of('baselineAt'), latest, at }
  } catch {
    return null
  }
}

/** Notes that commit `sequence` is seen at `now`; gives the commit and the time that the visit before ended with. */
export function visit(sequence: number, now: number): { since: number; at: number } | null {
  const before = read()
  const isNew = before !== null && now - before.at > VISIT_MS
  // A database that was made anew has fewer commits: what was seen then says nothing.
  const isOther = before !== null && before.latest > sequence
  const next: Visit =
    before === null || isOther
      ? { baseline: null, baselineAt: null, latest: sequence, at: now }
      : isNew
        ? { baseline: before.latest, baselineAt: before.at, latest: sequence, at: now }
        : { ...before, latest: sequence, at: now }
  localStorage.setItem(KEY, JSON.stringify(next))
  return next.baseline === null || next.baselineAt === null
    ? null
    : { since: next.baseline, at: next.baselineAt }
}
