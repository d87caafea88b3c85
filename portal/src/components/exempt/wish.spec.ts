import { expect, test } from 'vitest'
import { type Draft, endOf, missing, wishesOf } from './wish'

const now = Date.parse('2026-11-22T09:00:00Z')
const draft: Draft = {
  category: 'waiver',
  where: 'resources',
  scope: '',
  reason: ' kept for the audit ',
  approver: 'Ada',
  evidence: 'CHG-1\n\n https://tickets.example/2 ',
  end: '30',
  date: '',
}
const resources = [
  { id: 'arn:a', name: 'a' },
  { id: 'arn:b', name: 'b' },
]

test('presets end so many days from now', () => {
  const check = (end: Draft['end'], date: string, at: string | null | undefined) =>
    expect(endOf({ end, date }, now)).toBe(at)
  check('30', '', '2026-12-22T09:00:00.000Z')
  check('never', '2026-01-01', null)
  check('date', '', undefined)
  check('date', '2026-11-21', undefined)
})

test('there is one exemption for each resource and check', () => {
  const wishes = wishesOf(draft, [{ id: 'x.y.z' }], resources, now)
  expect(wishes.map((it) => it.place)).toEqual([{ resource: 'arn:a' }, { resource: 'arn:b' }])
  expect(wishes[0]).toMatchObject({
    target: { check: 'x.y.z' },
    reason: 'kept for the audit',
    evidence: ['CHG-1', 'https://tickets.example/2'],
    until: '2026-12-22T09:00:00.000Z',
  })
  expect(wishesOf({ ...draft, where: 'everywhere' }, [{ id: 'x' }], resources, now)).toHaveLength(1)
  expect(wishesOf({ ...draft, where: 'scope' }, [{ id: 'x' }], resources, now)).toEqual([])
})

test('what is missing is said one thing at a time', () => {
  const check = (change: Partial<Draft>, words: string) =>
    expect(missing({ ...draft, ...change }, resources, now)).toBe(words)
  check({}, '')
  check({ reason: ' ' }, 'Say why.')
  check({ approver: '' }, 'Say who decided.')
  check({ where: 'scope' }, 'Choose where it counts.')
  check({ end: 'date', date: '2020-01-01' }, 'Choose a day that is yet to come.')
})
