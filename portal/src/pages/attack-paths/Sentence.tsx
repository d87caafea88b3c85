import type { AttackPaths } from '#/api/queries/attack'
import { counted } from '#/util/format'
import { fixCounts, markOf } from './rows'
import { targetsWords } from './words'

/** What a person would say aloud about the paths. `after` is the answer with the fixes that are tried out. */
export function Sentence(props: { of: AttackPaths; after: AttackPaths | undefined; fixes: number }) {
  const { of, after, fixes } = props
  const n = of.paths.length
  if (n === 0) {
    return of.complete ? 'No attack path leads to what is asked for.' : 'No attack path was proven.'
  }
  const gaps = of.complete ? '' : ` ${counted(of.gaps.length, 'thing')} could not be judged.`
  if (fixes > 0) {
    if (after === undefined) return 'Working out what is left…'
    const before = new Set(of.paths.map(markOf))
    const left = after.paths.length
    const others = after.paths.filter((it) => !before.has(markOf(it))).length
    const cut = n - (left - others)
    const made = fixes === 1 ? 'With this fix made' : `With these ${fixes} fixes made`
    if (left === 0) return `${made} no attack path is left of ${counted(n, 'one', 'all')}.`
    const apart = `${made} ${cut} of ${counted(n, 'attack path')} ${cut === 1 ? 'falls' : 'fall'} apart`
    if (others === 0) return `${apart}, ${left} ${left === 1 ? 'is' : 'are'} left.`
    return `${apart}, but ${counted(others, 'other way leads', 'other ways lead')} to the same targets.`
  }
  const verb = n === 1 ? 'reaches' : 'reach'
  return `${counted(n, 'attack path')} ${verb} ${targetsWords(of)}; ${cure(of)}.${gaps}`
}

/** What cuts them, as far as it is known. */
function cure(of: AttackPaths): string {
  const { fixes, left } = of.fixPlan
  const n = of.paths.length
  if (fixes.length === 0) return 'no single change of what was read cuts them'
  const many = fixes.length === 1 ? 'one fix cuts' : `${fixes.length} fixes cut`
  if (left.length === 0 && fixes.length === 1) return n === 1 ? 'one fix cuts it' : 'one fix cuts them all'
  const counts = fixCounts(of.paths)
  const most = Math.max(0, ...fixes.map((it) => counts.get(it.id) ?? 0))
  if (left.length > 0) return `${many} all but what leads to ${counted(left.length, 'target')}`
  const alone = most < 2 ? '' : `; one of them lies on ${most === n ? `all ${n}` : most}`
  return `${many} ${n === 1 ? 'it' : 'them all'}${alone}`
}
