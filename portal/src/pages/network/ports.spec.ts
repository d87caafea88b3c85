import { expect, test } from 'vitest'
import { portsOf } from './ports'

test('ports are those that are written, each once', () => {
  expect(portsOf('tcp/22,8080-8090 udp/22,53 icmp')).toEqual([
    { label: '22', first: 22 },
    { label: '8080-8090', first: 8080 },
    { label: '53', first: 53 },
  ])
})

test('every port is no port of its own', () => {
  expect(portsOf('tcp/any icmp other protocols')).toEqual([])
  expect(portsOf('')).toEqual([])
})
