import { expect, test } from 'vitest'
import { readAsked, remembered } from './history'
import { cell, csvOf, edgeOf, graphOf, nodeOf } from './result'
import { querySearch } from './search'

const node = (id: string, name = '') => ({ id, name, kind: 'aws.s3-bucket', labels: ['AwsS3Bucket'] })

test('an answer knows its nodes and edges', () => {
  expect(nodeOf(node('a'))).toEqual({ id: 'a', name: 'a', kind: 'aws.s3-bucket', labels: ['AwsS3Bucket'] })
  expect(nodeOf({ id: 'a' })).toBeUndefined()
  expect(edgeOf({ from: 'a', to: 'b', type: 'USES' })).toEqual({ from: 'a', to: 'b', label: 'USES' })
  expect(edgeOf('a')).toBeUndefined()
})

test('a graph is made of all that rows hold, paths and lists, too', () => {
  const path = { nodes: [node('a', 'A'), node('b', 'B')], edges: [{ from: 'a', to: 'b', type: 'USES' }] }
  const graph = graphOf([
    [path, 1],
    [[node('c')], { from: 'c', to: 'x/y', type: 'RUNS' }],
  ])
  expect(graph.nodes.map((it) => [it.id, it.name, it.what])).toEqual([
    ['a', 'A', 'AwsS3Bucket'],
    ['b', 'B', 'AwsS3Bucket'],
    ['c', 'c', 'AwsS3Bucket'],
    ['x/y', 'y', 'not in the answer'],
  ])
  expect(graph.edges).toHaveLength(2)
  expect(graphOf([[1, 'a', null]]).nodes).toEqual([])
})

test('CSV is quoted, and starts no formula', () => {
  expect(cell('a,b')).toBe('"a,b"')
  expect(cell('say "x"')).toBe('"say ""x"""')
  expect(cell('=cmd()')).toBe("'=cmd()")
  expect(cell('-5')).toBe('-5')
  expect(
    csvOf(
      ['n', 'v'],
      [
        [node('a'), null],
        [{ k: [1] }, true],
      ],
    ),
  ).toBe('n,v\r\na,\r\n"{""k"":[1]}",true')
})

test('a question stands in the history once, the newest first', () => {
  const asked = remembered(
    [
      { query: 'a', at: '1' },
      { query: 'b', at: '2' },
    ],
    'b',
    '3',
  )
  expect(asked).toEqual([
    { query: 'b', at: '3' },
    { query: 'a', at: '1' },
  ])
  expect(readAsked('{"x":1}')).toEqual([])
  expect(readAsked('[{"query":"a"},{"query":"b","at":"1"}]')).toEqual([{ query: 'b', at: '1' }])
})

test('the address is read without trust, and short', () => {
  expect(querySearch({ q: 'x', limit: '100', as: 'graph' })).toEqual({ q: 'x', limit: 100, as: 'graph' })
  expect(querySearch({ limit: '7', as: 'table' })).toEqual({})
})
