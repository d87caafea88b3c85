// A resource with its neighbours, and the attack paths to it and from it, as one graph.
import type { Schemas } from '#/api/client'
import type { AttackPath, Held } from '#/api/queries/attack'
import { nameOf } from '#/pages/attack-paths/words'
import { criticalityOf } from '#/ui/Criticality'
import type { Graph, GraphEdge, GraphNode } from '#/ui/graph/layout'

/** `kindName` names a kind for people. Edges of attack paths are strong. */
export function surroundings(
  resource: Pick<Schemas['ResourceDetail'], 'id' | 'name' | 'kind' | 'neighbours' | 'criticality'>,
  paths: readonly AttackPath[],
  kindName: (kind: string) => string,
): Graph {
  const nodes = new Map<string, GraphNode>()
  const add = (it: { id: string; name: string; kind: string; criticality?: string | null }) => {
    const crown = criticalityOf(it.criticality)
    const before = nodes.get(it.id)
    if (before !== undefined && (crown === undefined || before.crown !== undefined)) return
    const isInternet = it.id === 'internet'
    nodes.set(it.id, {
      id: it.id,
      name: nameOf(it),
      group: it.kind,
      ...(isInternet ? {} : { what: kindName(it.kind) }),
      ...(crown === undefined ? {} : { crown }),
    })
  }
  add(resource)
  const edges: GraphEdge[] = []
  const attack = new Set<string>()
  const leads = (from: Held, to: Held, label: string) => {
    // Different things that are held of one resource are one node here.
    if (from.id === to.id) return
    add(from)
    add(to)
    const key = JSON.stringify([from.id, to.id])
    if (attack.has(key)) return
    attack.add(key)
    edges.push({ from: from.id, to: to.id, label, isStrong: true })
  }
  for (const path of paths) {
    for (const step of path.steps) {
      for (const from of step.from) leads(from, step.to, step.title)
    }
  }
  for (const it of resource.neighbours) {
    add(it)
    const [from, to] = it.outgoing ? [resource.id, it.id] : [it.id, resource.id]
    // Where an attack goes, its step says more than the edge.
    if (!attack.has(JSON.stringify([from, to]))) edges.push({ from, to, label: it.edge })
  }
  return { nodes: [...nodes.values()], edges }
}
