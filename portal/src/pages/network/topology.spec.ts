import { expect, test } from 'vitest'
import type { TopologyRows } from '#/api/queries/topology'
import { facing, isOpen, MOST_SPOTS, nearest, openAtFirst, topologyOf } from './topology'

const rows: TopologyRows['rows'] = {
  networks: [
    { id: 'vpc-1', name: 'quay', kind: 'aws.ec2-vpc', scope: 'aws:1' },
    { id: 'vpc-2', name: '', kind: 'aws.ec2-vpc', scope: 'aws:2' },
  ],
  subnets: [{ id: 'subnet-1', name: 'front', kind: 'aws.ec2-subnet', network: 'vpc-1' }],
  inSubnet: [{ id: 'i-1', name: 'web', kind: 'aws.ec2-instance', place: 'subnet-1' }],
  byInterface: [{ id: 'i-1', name: 'web', kind: 'aws.ec2-instance', place: 'subnet-1' }],
  inNetwork: [
    { id: 'i-1', name: 'web', kind: 'aws.ec2-instance', place: 'vpc-1' },
    { id: 'db', name: 'ledger', kind: 'aws.rds-db-instance', place: 'vpc-2' },
  ],
  peerings: [],
  connections: [
    { id: 'pcx', place: 'vpc-1' },
    { id: 'pcx', place: 'vpc-2' },
  ],
}
const end = (id: string, answer: string) => ({
  id,
  name: id,
  kind: 'x.y',
  answer,
  ports: 'tcp/443',
  width: null,
})
const map = topologyOf(
  { rows },
  [end('i-1', 'yes'), end('store', 'unknown')],
  new Map([
    ['store', 'aws:1'],
    ['i-1', 'aws:1'],
  ]),
  new Map([['i-1', { critical: 1, high: 2, medium: 0, low: 0 }]]),
  (id) => `account ${id}`,
)

test('what stands in a subnet is drawn there once, and counted in all that is around it', () => {
  const web = map.spots.get('i-1')
  expect(web?.parent?.id).toBe('subnet-1')
  expect(map.spots.get('subnet-1')?.children).toHaveLength(1)
  const [first] = map.scopes
  expect(first).toMatchObject({ name: 'account aws:1', ends: 2, exposed: 1, unsure: 1 })
  expect(first?.open).toMatchObject({ critical: 1, high: 2 })
})

test('what has no network lies in its account', () => {
  expect(map.spots.get('store')?.parent?.id).toBe('aws:1')
  expect(map.spots.get('vpc-2')?.name).toBe('vpc-2')
})

test('small maps are open, large ones stay closed where too much would be drawn', () => {
  expect(openAtFirst(map)).toEqual(new Set(['aws:1', 'aws:2', 'vpc-1', 'vpc-2', 'subnet-1']))
  const many = Array.from({ length: MOST_SPOTS + 1 }, (_, n) => ({
    id: `i-${n + 10}`,
    name: '',
    kind: 'aws.ec2-instance',
    place: 'subnet-1',
  }))
  const grave = new Map([['i-10', { critical: 1, high: 0, medium: 0, low: 0 }]])
  const large = topologyOf({ rows: { ...rows, inSubnet: many } }, [], new Map(), grave, (id) => id)
  const open = openAtFirst(large)
  expect(open.has('vpc-1')).toBe(true)
  expect(open.has('subnet-1')).toBe(false)
  expect(isOpen('subnet-1', open, ['subnet-1'])).toBe(true)
  // Of a large map nothing is open that nobody reaches and that has no grave problem.
  const quiet = topologyOf({ rows: { ...rows, inSubnet: many } }, [], new Map(), new Map(), (id) => id)
  expect(openAtFirst(quiet)).toEqual(new Set())
})

test('the nearest are those of the same and of peered networks, and of the account', () => {
  const web = map.spots.get('i-1')
  if (web === undefined) throw new Error('it is there')
  expect(nearest(map, web).map((it) => it.id)).toEqual(['db', 'store'])
})

test('only what faces the internet is left, with what is around it', () => {
  const small = facing(map)
  expect([...small.spots.keys()].sort()).toEqual(['aws:1', 'i-1', 'store', 'subnet-1', 'vpc-1'])
})
