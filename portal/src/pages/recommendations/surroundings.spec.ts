import { expect, test } from 'vitest'
import { answer, host, role } from '../attack-paths/fixture'
import { surroundings } from './surroundings'

const resource = {
  id: host.id,
  name: host.name,
  kind: host.kind,
  neighbours: [
    { id: role.id, name: role.name, kind: role.kind, edge: 'RUNS_AS', outgoing: true },
    { id: 'subnet-1', name: 'quay', kind: 'aws.subnet', edge: 'CONTAINS', outgoing: false },
  ],
}

test('neighbours and paths are one graph, and where an attack goes its step says so', () => {
  const graph = surroundings(resource, answer.paths, (kind) => kind)
  const ids = graph.nodes.map((it) => it.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain('subnet-1')
  const toRole = graph.edges.filter((it) => it.from === host.id && it.to === role.id)
  expect(toRole).toEqual([expect.objectContaining({ isStrong: true })])
  expect(graph.edges.find((it) => it.from === 'subnet-1')?.isStrong).toBeUndefined()
})
