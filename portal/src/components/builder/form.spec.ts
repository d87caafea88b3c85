import { expect, test } from 'vitest'
import { daysOf, newTest, pathOf, scalar, scalars, textOf } from './form'
import { pathOfTitle, titleOf, wayOf, waysFor } from './words'

test('paths are typed as they are shown', () => {
  for (const path of [['a', 'b'], ['merlon', 'tags', 'cost-centre'], ['a.b', 'c'], []]) {
    expect(pathOf(textOf(path))).toEqual(path)
    expect(pathOf(pathOfTitle(titleOf(textOf(path))))).toEqual(path)
  }
  expect(titleOf('merlon.internet')).toBe('Reachable from the internet')
})

test('what is typed becomes what such things hold', () => {
  expect(scalar('3', [])).toBe(3)
  expect(scalar('3', ['text'])).toBe('3')
  expect(scalar('true', ['boolean'])).toBe(true)
  expect(scalar('a b', ['number'])).toBe('a b')
  expect(scalars('a, , 4', [])).toEqual(['a', 4])
  expect(daysOf('P90D')).toBe(90)
  expect(daysOf('PT1H')).toBeUndefined()
})

test('each way to compare is found again, and another one is not lost', () => {
  for (const way of waysFor([])) {
    const values = way.takes === 'period' ? [way.to === 'ago' ? { ago: 'P1D' } : { ahead: 'P1D' }] : []
    expect(wayOf({ ...newTest(['a'], way.op, values), not: way.not, of: way.of }).key).toBe(way.key)
  }
  const odd = wayOf({ ...newTest(['a'], 'startsWith', ['x']), not: true })
  expect([odd.key, odd.label]).toEqual(['other', 'not: starts with'])
})
