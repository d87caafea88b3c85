// The paths of a list, with what becomes of them when fixes are made; and a path as a graph.
import type { AttackPath, AttackPaths, AttackStep, Fix, Held } from '#/api/queries/attack'
import { criticalityOf } from '#/ui/Criticality'
import type { Graph, GraphEdge, GraphNode } from '#/ui/graph/layout'
import { holdWords, nameOf, positionOf } from './words'

/** A path of the list. */
export interface PathRow {
  /** What the address calls it: the same for the same path in every answer. */
  mark: string
  path: AttackPath
  /** `cut` by the fixes that are tried out, or `new` because it leads around them. */
  state: 'open' | 'cut' | 'new'
  /** Whether every step of it was judged. */
  isProven: boolean
}

/** A short text that is the same for the same path: FNV-1a of what its steps are. */
export function markOf(path: AttackPath): string {
  const text = JSON.stringify([
    positionOf(path.entry),
    path.steps.map((it) => [it.step, it.actor.id, it.via?.id ?? '', positionOf(it.to)]),
  ])
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  }
  return hash.toString(36)
}

/** Whether a fix takes a step away: a step needs all that it rests on. */
export const isCut = (step: AttackStep, without: readonly number[]): boolean =>
  step.fixes.some((it) => without.includes(it))

/**
 * The paths of `before`, each with its state when the fixes of `without` are made, and those of `after` that were not there
 * before because they lead around. `after` is missing while it is under way.
 */
export function rowsOf(
  before: Pick<AttackPaths, 'paths' | 'unproven'>,
  after: Pick<AttackPaths, 'paths' | 'unproven'> | undefined,
  without: readonly number[],
  withUnproven: boolean,
): PathRow[] {
  const known = new Set<string>()
  const row = (path: AttackPath, isProven: boolean): PathRow => {
    const mark = markOf(path)
    known.add(mark)
    return { mark, path, isProven, state: path.steps.some((it) => isCut(it, without)) ? 'cut' : 'open' }
  }
  const proven = before.paths.map((it) => row(it, true))
  const unproven = before.unproven.map((it) => row(it, false))
  const around = (of: readonly AttackPath[], isProven: boolean): PathRow[] =>
    without.length === 0
      ? []
      : of.flatMap((path) => {
          const mark = markOf(path)
          return known.has(mark) ? [] : [{ mark, path, isProven, state: 'new' as const }]
        })
  const first = beside(proven, around(after?.paths ?? [], true))
  return withUnproven ? [...first, ...unproven, ...around(after?.unproven ?? [], false)] : first
}

/** Ways around stand behind the path to the same target that they take the place of. */
function beside(rows: readonly PathRow[], others: readonly PathRow[]): PathRow[] {
  const left = new Set(others)
  const all = rows.flatMap((row) => {
    const target = positionOf(row.path.target)
    const same = [...left].filter((it) => positionOf(it.path.target) === target)
    for (const it of same) left.delete(it)
    return [row, ...same]
  })
  return [...all, ...left]
}

/** On how many paths of a list each fix lies. */
export function fixCounts(paths: readonly AttackPath[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const path of paths) {
    for (const fix of new Set(path.fixes.map((it) => it.id))) counts.set(fix, (counts.get(fix) ?? 0) + 1)
  }
  return counts
}

/** Fixes with those first that lie on most paths. */
export const byPaths = (fixes: readonly Fix[], counts: ReadonlyMap<number, number>): Fix[] =>
  [...fixes].sort((a, b) => (counts.get(b.id) ?? 0) - (counts.get(a.id) ?? 0))

/** The room in pixels of what stands on an edge: the step in two lines, and how likely it is. */
const ROOM = { width: 168, height: 56 } as const

/** What is held as a node, with a crown where it is critical. */
function nodeOf(it: Held): GraphNode {
  const crown = criticalityOf(it.criticality)
  return {
    id: positionOf(it),
    name: nameOf(it),
    what: holdWords(it),
    group: it.kind,
    ...(crown === undefined ? {} : { crown }),
  }
}

/** A path from left to right. Edges have the place of their step as key. `strong` are positions through which several paths go. */
export function graphOf(path: AttackPath, without: readonly number[], strong: ReadonlySet<string>): Graph {
  const nodes = new Map<string, GraphNode>()
  const gone = new Set<string>()
  const start = positionOf(path.entry)
  nodes.set(start, nodeOf(path.entry))
  const edges: GraphEdge[] = []
  path.steps.forEach((step, place) => {
    const to = positionOf(step.to)
    const isLost = isCut(step, without) || step.from.some((it) => gone.has(positionOf(it)))
    if (isLost) gone.add(to)
    for (const from of step.from) {
      const id = positionOf(from)
      // What a step needs beside the path, such as an account that was there before, stands at the left.
      if (!nodes.has(id)) nodes.set(id, nodeOf(from))
      edges.push({
        from: id,
        to,
        label: step.does,
        key: String(place),
        room: ROOM,
        isStrong: strong.has(to),
        isGone: isLost,
      })
    }
    nodes.set(to, { ...nodeOf(step.to), isGone: isLost })
  })
  return { nodes: [...nodes.values()], edges }
}
