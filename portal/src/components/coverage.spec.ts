import { expect, test } from 'vitest'
import { coverageWords, gapsOf } from './coverage'

const totals = (full: number, partly: number, none: number) => ({
  full,
  partly,
  none,
  resources: 0,
  undescribed: 0,
  unknown: 0,
})

test.each([
  [totals(0, 0, 0), 'Nothing was read yet.'],
  [totals(1, 0, 0), '1 scope was read to the end.'],
  [totals(3, 0, 0), '3 scopes were read to the end.'],
  [totals(0, 10, 4), 'Of 14 scopes none was read to the end, 10 in part, 4 not at all.'],
  [totals(2, 0, 1), 'Of 3 scopes 2 were read to the end, 1 not at all.'],
])('%j', (given, words) => {
  expect(coverageWords(given)).toBe(words)
})

test('gaps that keep the most from a verdict stand first, with where they are', () => {
  const kind = (title: string, gaps: { what: string; reason: string; assessments: number }[]) => ({
    kind: title.toLowerCase(),
    title,
    gaps,
    regions: [],
    resources: 1,
    state: 'partly' as const,
    unknown: 0,
  })
  const scope = (name: string, kinds: ReturnType<typeof kind>[]) => ({
    scope: `id of ${name}`,
    name,
    cloud: 'aws',
    kinds,
    missing: [],
    resources: 1,
    state: 'partly' as const,
    undescribed: 0,
  })
  const gap = (assessments: number) => ({ what: '', reason: 'not collected', assessments })
  const found = gapsOf([
    scope('first', [kind('Bucket', [gap(1)]), kind('Account', [gap(1)])]),
    scope('second', [kind('Machine', [gap(9)]), kind('Network', [])]),
  ])
  expect(found.map((it) => [it.scopeName, it.title, it.assessments])).toEqual([
    ['second', 'Machine', 9],
    ['first', 'Account', 1],
    ['first', 'Bucket', 1],
  ])
})
