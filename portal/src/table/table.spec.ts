import { expect, test } from 'vitest'
import { readKept } from './columns'
import { moved, moveOf } from './keys'
import { lengthened, MOST_ROWS, reachable, sorted } from './source'

test('what was kept is read without trust', () => {
  expect(readKept(null)).toEqual({ widths: {}, shown: null })
  expect(readKept('nonsense')).toEqual({ widths: {}, shown: null })
  expect(readKept('{"widths":{"a":90,"b":3,"c":"x"},"shown":["a",1]}')).toEqual({
    widths: { a: 90 },
    shown: ['a'],
  })
})

test('keys move within the list', () => {
  const check = (key: string, active: number, to: number) => {
    const move = moveOf(key, 10)
    expect(move === undefined ? undefined : moved(active, move, 100)).toBe(to)
  }
  check('j', 5, 6)
  check('k', 0, 0)
  check('PageDown', 95, 99)
  check('Home', 40, 0)
  check('End', 0, 99)
  expect(moveOf('q', 10)).toBeUndefined()
})

test('a chain of pages grows at its end, and is cut where the list ends', () => {
  expect(lengthened([''], 0, 'a')).toEqual(['', 'a'])
  expect(lengthened(['', 'a'], 1, 'b')).toEqual(['', 'a', 'b'])
  expect(lengthened(['', 'a', 'b'], 1, null)).toEqual(['', 'a'])
  const chain = ['', 'a']
  expect(lengthened(chain, 0, 'a')).toBe(chain)
})

test('what can be scrolled to', () => {
  expect(reachable(1, 503, undefined)).toBe(100)
  expect(reachable(6, 503, undefined)).toBe(503)
  expect(reachable(6, 503, 4)).toBe(504)
  expect(reachable(50_000, 5_000_000, undefined)).toBe(MOST_ROWS)
})

test('sorting keeps the order of equals and puts what is missing last', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 10 }, { n: 1 }]
  expect(sorted(rows, (it) => it.n).map((it) => it.n)).toEqual([1, 2, 10, null])
  expect(sorted(rows, (it) => it.n, true).map((it) => it.n)).toEqual([10, 2, 1, null])
  expect(sorted(['b10', 'b9'], (it) => it)).toEqual(['b9', 'b10'])
})
