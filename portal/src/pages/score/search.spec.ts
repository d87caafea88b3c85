import { expect, test } from 'vitest'
import { basketed, scoreSearch } from './search'

test('the basket is a list in the address', () => {
  const empty = scoreSearch({})
  const one = basketed(empty, 'a.b.c')
  expect(one).toEqual({ fix: ['a.b.c'] })
  expect(basketed({ ...one, control: 'enable-mfa' }, 'd.e.f')).toEqual({
    control: 'enable-mfa',
    fix: ['a.b.c', 'd.e.f'],
  })
  expect(basketed(one, 'a.b.c')).toEqual({})
  expect(scoreSearch({ fix: 'a.b.c' })).toEqual(one)
})
