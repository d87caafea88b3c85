import { expect, test } from 'vitest'
import type { Schemas } from '#/api/client'
import { fitting, stateOf } from './lines'
import type { ExemptionsSearch } from './search'

const now = Date.parse('2026-11-22T09:00:00Z')
const exemption = (number: number, change: Partial<Schemas['Exemption']>): Schemas['Exemption'] => ({
  number,
  active: true,
  approver: 'Ada',
  can: [],
  category: 'waiver',
  evidence: [],
  from: '2026-11-01T00:00:00Z',
  place: { resource: 'arn:aws:s3:::labels' },
  reason: 'public on purpose',
  target: { check: 'aws.s3.public-policy' },
  until: null,
  ...change,
})
const all = [
  exemption(1, {}),
  exemption(2, { until: '2026-11-30T00:00:00Z', target: { control: 'enable-mfa' }, place: 'everywhere' }),
  exemption(3, {
    active: false,
    until: '2026-11-10T00:00:00Z',
    target: 'everything',
    reason: 'test account',
  }),
]

test('an exemption is active, ending or ended', () => {
  expect(all.map((it) => stateOf(it, now))).toEqual(['active', 'ending', 'ended'])
})

test('exemptions are found by state and words', () => {
  const check = (search: ExemptionsSearch, numbers: number[]) =>
    expect(fitting(all, search, now).map((it) => it.number)).toEqual(numbers)
  check({}, [1, 2, 3])
  check({ state: 'active' }, [1, 2])
  check({ state: 'ending' }, [2])
  check({ state: 'ended' }, [3])
  check({ q: 'labels PURPOSE' }, [1])
  check({ q: 'mfa' }, [2])
})
