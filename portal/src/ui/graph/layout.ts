// Where the nodes and edges of a small graph stand: in layers from left to right.
import type { CriticalityName } from '../Criticality'

export interface GraphNode {
  id: string
  /** Its name, in one line. */
  name: string
  /** What it is, in a second line. */
  what?: string
  /** Nodes of one group are drawn as one when there are too many. */
  group: string
  /** How critical it is: it gets a crown. */
  crown?: CriticalityName
  /** Whether it is there no more: it is drawn faintly. */
  isGone?: boolean
}

export interface GraphEdge {
  from: string
  to: string
  /** The verb: `CONTAINS`. */
  label: string
  /** What it is the edge of, for whoever draws what stands on it. */
  key?: string
  /** Whether much passes here: it is drawn thick. */
  isStrong?: boolean
  /** Whether it is cut: it is drawn in dashes. */
  isGone?: boolean
  /** The room in pixels that what stands on it takes; a line of text when missing. */
  room?: { width: number; height: number }
}

export interface Graph {
  nodes: readonly GraphNode[]
  edges: readonly GraphEdge[]
}

export interface Placed {
  nodes: readonly (GraphNode & { x: number; y: number })[]
  edges: readonly (GraphEdge & {
    points: readonly { x: number; y: number }[]
    at: { x: number; y: number }
  })[]
  width: number
  height: number
}

export const NODE = { width: 196, height: 44 } as const
/** More nodes than this are drawn by group. */
export const MOST_NODES = 300

/** A group of nodes that is drawn as one. Its id cannot be that of a node. */
export function groupId(group: string): string {
  return `\u0000${group}`
}

/** The graph with every group of several nodes as one node, except the nodes in `kept`. */
export function grouped(graph: Graph, kept: ReadonlySet<string>): Graph {
  const sizes = new Map<string, number>()
  for (const node of graph.nodes) {
    if (!kept.has(node.id)) sizes.set(node.group, (sizes.get(node.group) ?? 0) + 1)
  }
  const place = new Map<string, string>()
  const nodes = new Map<string, GraphNode>()
  for (const node of graph.nodes) {
    const size = sizes.get(node.group) ?? 0
    const isAlone = kept.has(node.id) || size < 2
    const id = isAlone ? node.id : groupId(node.group)
    place.set(node.id, id)
    nodes.set(id, isAlone ? node : { id, name: `${size} × ${node.group}`, group: node.group })
  }
  const edges = new Map<string, GraphEdge>()
  for (const edge of graph.edges) {
    const [from, to] = [place.get(edge.from), place.get(edge.to)]
    if (from === undefined || to === undefined || from === to) continue
    edges.set(JSON.stringify([from, to, edge.label]), { from, to, label: edge.label })
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] }
}

/** Edges between the same two nodes as one with all their verbs: several lines on one another say less. */
export function bundled(edges: readonly GraphEdge[]): GraphEdge[] {
  const found = new Map<string, GraphEdge>()
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to])
    const before = found.get(key)
    if (before === undefined) found.set(key, edge)
    else if (!before.label.split(', ').includes(edge.label)) {
      found.set(key, { ...before, label: `${before.label}, ${edge.label}` })
    }
  }
  return [...found.values()]
}

/** Lays the graph out. The code that does it is fetched when a graph is shown for the first time. */
export async function laidOut(graph: Graph): Promise<Placed> {
  const { default: dagre } = await import('@dagrejs/dagre')
  const plan = new dagre.graphlib.Graph({ multigraph: false })
  // Parts on edges have a room of their own between the layers.
  const ranksep = graph.edges.some((it) => it.room !== undefined) ? 44 : 110
  plan.setGraph({ rankdir: 'LR', nodesep: 14, ranksep, marginx: 16, marginy: 16 })
  plan.setDefaultEdgeLabel(() => ({}))
  const known = new Set(graph.nodes.map((it) => it.id))
  for (const node of graph.nodes) plan.setNode(node.id, { ...NODE })
  const edges = bundled(
    graph.edges.filter((it) => known.has(it.from) && known.has(it.to) && it.from !== it.to),
  )
  for (const edge of edges) {
    const { width, height } = edge.room ?? { width: Math.min(edge.label.length * 6, 150), height: 14 }
    plan.setEdge(edge.from, edge.to, { width, height, labelpos: 'c' })
  }
  dagre.layout(plan)
  const { width = 0, height = 0 } = plan.graph()
  return {
    width,
    height,
    nodes: graph.nodes.map((it) => {
      const { x = 0, y = 0 } = plan.node(it.id)
      return { ...it, x: x - NODE.width / 2, y: y - NODE.height / 2 }
    }),
    edges: edges.map((it) => {
      const { points = [], x = 0, y = 0 } = plan.edge(it.from, it.to)
      return { ...it, points, at: { x, y } }
    }),
  }
}

/** A smooth line through points: it leaves and arrives level. */
export function lineOf(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${first.x} ${first.y}`
  let before = first
  for (const point of rest) {
    const middle = (before.x + point.x) / 2
    path += `C${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`
    before = point
  }
  return path
}

/** Nodes that lie less than this further in a direction stand beside rather than ahead. */
const AHEAD = 40

/** The node that lies next in a direction: the nearest one ahead, what lies aside counting twice. */
export function nextNode(
  nodes: readonly { id: string; x: number; y: number }[],
  from: string,
  key: string,
): string | undefined {
  const own = nodes.find((it) => it.id === from)
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key]
  const [dx = 0, dy = 0] = way ?? []
  if (own === undefined || way === undefined) return undefined
  let best: { id: string; far: number } | undefined
  for (const node of nodes) {
    const [x, y] = [node.x - own.x, node.y - own.y]
    const along = x * dx + y * dy
    const aside = Math.abs(x * dy) + Math.abs(y * dx)
    if (along < AHEAD) continue
    const far = along + aside * 2
    if (best === undefined || far < best.far) best = { id: node.id, far }
  }
  return best?.id
}
