import { expect, test } from 'vitest'
import { cleared, filterOf, recommendationsSearch, toggled, without } from './search'

test('what is open is listed unless the address says otherwise', () => {
  const check = (search: Record<string, unknown>, state: string[] | undefined) =>
    expect(filterOf(recommendationsSearch(search), undefined).state).toEqual(state)
  check({}, ['unhealthy'])
  check({ state: ['healthy', 'nonsense'] }, ['healthy'])
  check({ all: 'true' }, undefined)
})

test('a filter is chosen and let go', () => {
  const start = recommendationsSearch({ q: 'bucket', open: 'a.b.c' })
  const high = toggled(start, 'severity', 'high')
  expect(high).toEqual({ q: 'bucket', severity: ['high'] })
  expect(toggled(high, 'severity', 'high')).toEqual({ q: 'bucket' })
  expect(toggled(start, 'state', 'unhealthy')).toEqual({ q: 'bucket', all: true })
  expect(toggled(start, 'state', 'unknown').state).toEqual(['unhealthy', 'unknown'])
  expect(without(high, 'q')).toEqual({ severity: ['high'] })
  expect(cleared({ ...high, view: 'control' })).toEqual({ view: 'control' })
})

test('the scope of the page narrows the list', () => {
  expect(filterOf({}, 'aws:1').scope).toEqual(['aws:1'])
})
