// What an answer is made of: nodes, edges and paths among plain values; as a graph, and as CSV.
import type { Graph, GraphEdge, GraphNode } from '#/ui/graph/layout'
import { isObject } from '#/ui/json/lines'

export interface AnswerNode {
  id: string
  kind: string
  name: string
  labels: readonly string[]
}

/** A node of the graph, where a value is one. */
export function nodeOf(value: unknown): AnswerNode | undefined {
  if (!isObject(value) || !Array.isArray(value.labels) || typeof value.id !== 'string') return undefined
  const { id, kind, name } = value
  return {
    id,
    kind: typeof kind === 'string' ? kind : '',
    name: typeof name === 'string' && name !== '' ? name : id,
    labels: value.labels.filter((it) => typeof it === 'string'),
  }
}

/** An edge of the graph, where a value is one. */
export function edgeOf(value: unknown): GraphEdge | undefined {
  if (!isObject(value) || typeof value.type !== 'string') return undefined
  const { from, to, type } = value
  return typeof from === 'string' && typeof to === 'string' ? { from, to, label: type } : undefined
}

function collect(value: unknown, nodes: Map<string, GraphNode>, edges: Map<string, GraphEdge>): void {
  const node = nodeOf(value)
  if (node !== undefined) {
    nodes.set(node.id, { id: node.id, name: node.name, what: node.labels[0] ?? node.kind, group: node.kind })
    return
  }
  const edge = edgeOf(value)
  if (edge !== undefined) {
    edges.set(JSON.stringify([edge.from, edge.to, edge.label]), edge)
    return
  }
  if (Array.isArray(value)) for (const it of value) collect(it, nodes, edges)
  else if (isObject(value)) for (const it of Object.values(value)) collect(it, nodes, edges)
}

/** All nodes and edges of an answer. Ends of edges that were not asked for are named by their id. */
export function graphOf(rows: readonly (readonly unknown[])[]): Graph {
  const nodes = new Map<string, GraphNode>()
  const edges = new Map<string, GraphEdge>()
  for (const row of rows) collect(row, nodes, edges)
  for (const edge of edges.values()) {
    for (const id of [edge.from, edge.to]) {
      if (!nodes.has(id))
        nodes.set(id, {
          id,
          name: id.slice(id.lastIndexOf('/') + 1) || id,
          what: 'not in the answer',
          group: '',
        })
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] }
}

/** A value in a cell of a spreadsheet: a node by its id, what is no plain value as JSON. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  const node = nodeOf(value)
  if (node !== undefined) return node.id
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A cell of CSV (RFC 4180). What a spreadsheet would compute is text: it begins with an apostrophe. */
export function cell(text: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text)
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** An answer as CSV. */
export function csvOf(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [columns, ...rows.map((row) => row.map(plain))].map((row) => row.map(cell).join(',')).join('\r\n')
}
