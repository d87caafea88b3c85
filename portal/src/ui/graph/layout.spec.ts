import { expect, test } from 'vitest'
import { bundled, type Graph, groupId, grouped, laidOut, lineOf, nextNode } from './layout'

const graph: Graph = {
  nodes: [
    { id: 'a', name: 'A', group: 'machine' },
    { id: 'b', name: 'B', group: 'disk' },
    { id: 'c', name: 'C', group: 'disk' },
  ],
  edges: [
    { from: 'a', to: 'b', label: 'HAS_DISK' },
    { from: 'a', to: 'c', label: 'HAS_DISK' },
    { from: 'a', to: 'c', label: 'USES' },
  ],
}

test('groups of several are one node, and their edges one edge', () => {
  const small = grouped(graph, new Set(['a']))
  expect(small.nodes.map((it) => it.name)).toEqual(['A', '2 × disk'])
  expect(small.edges).toEqual([
    { from: 'a', to: groupId('disk'), label: 'HAS_DISK' },
    { from: 'a', to: groupId('disk'), label: 'USES' },
  ])
})

test('edges between the same two are one with all their verbs', () => {
  expect(bundled(graph.edges).map((it) => it.label)).toEqual(['HAS_DISK', 'HAS_DISK, USES'])
})

test('what leads to something stands left of it, and nothing overlaps', async () => {
  const placed = await laidOut(graph)
  const [a, b, c] = placed.nodes
  expect(a && b && a.x < b.x).toBe(true)
  expect(b && c && Math.abs(b.y - c.y) >= 44).toBe(true)
  expect(placed.edges).toHaveLength(2)
  expect(lineOf(placed.edges[0]?.points ?? [])).toMatch(/^M[\d.]+ [\d.]+C/)
})

test('an edge to something that is not there is left out', async () => {
  const placed = await laidOut({ nodes: graph.nodes, edges: [{ from: 'a', to: 'gone', label: 'X' }] })
  expect(placed.edges).toEqual([])
})

test('arrow keys go to the nearest node that way', () => {
  const nodes = [
    { id: 'm', x: 0, y: 0 },
    { id: 'right', x: 200, y: 10 },
    { id: 'far', x: 400, y: 0 },
    { id: 'below', x: 10, y: 100 },
  ]
  expect(nextNode(nodes, 'm', 'ArrowRight')).toBe('right')
  expect(nextNode(nodes, 'm', 'ArrowDown')).toBe('below')
  expect(nextNode(nodes, 'm', 'ArrowLeft')).toBeUndefined()
  expect(nextNode(nodes, 'm', 'Enter')).toBeUndefined()
})
