import { describe, expect, test } from 'vitest'
import { flag, list, parseSearch, present, stringifySearch, text, whole, word, words } from './search'

describe('addresses', () => {
  const check = (state: Record<string, unknown>, address: string) => {
    expect(stringifySearch(state)).toBe(address)
  }

  test('are short and readable', () => {
    check({}, '')
    check({ q: undefined, exempt: false, tag: [] }, '')
    check({ severity: ['high', 'critical'], q: 'a b' }, '?severity=high&severity=critical&q=a+b')
    check({ scope: '/subscriptions/1', limit: 5 }, '?scope=/subscriptions/1&limit=5')
  })

  test('say again what was written', () => {
    for (const state of [{}, { q: 'ü & ? = #' }, { tag: ['a=b', 'c:d'], scope: '/x/y%2Fz' }]) {
      expect(parseSearch(stringifySearch(state))).toEqual(state)
    }
  })
})

test('values are read without trust', () => {
  expect(text(['a', 'b'])).toBe('a')
  expect(text({})).toBeUndefined()
  expect(list('a')).toEqual(['a'])
  expect(list([])).toBeUndefined()
  expect(words(['low', 'nonsense'], ['high', 'low'])).toEqual(['low'])
  expect(word('nonsense', ['high'])).toBeUndefined()
  expect(whole('12')).toBe(12)
  expect(whole('-1')).toBeUndefined()
  expect(whole('1e99')).toBeUndefined()
  expect(flag('false')).toBeUndefined()
  expect(flag('true')).toBe(true)
  expect(present({ a: 1, b: undefined })).toEqual({ a: 1 })
})
