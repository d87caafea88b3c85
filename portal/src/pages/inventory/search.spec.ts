import { expect, test } from 'vitest'
import { cleared, filterOf, inventorySearch, toggled } from './search'

test('the address becomes the question to the API', () => {
  const search = inventorySearch({
    q: 'ledger',
    region: ['-', 'westeurope'],
    tag: 'env=prod',
    state: 'nonsense',
    columns: 'name',
    open: 'x',
    sort: 'name',
  })
  expect(filterOf(search, '/subscriptions/1')).toEqual({
    q: 'ledger',
    region: ['', 'westeurope'],
    tag: ['env=prod'],
    sort: 'name',
    scope: ['/subscriptions/1'],
  })
})

test('a value is chosen and let go, and what is open closes', () => {
  const once = toggled({ cloud: ['aws'], open: 'x' }, 'cloud', 'gcp')
  expect(once).toEqual({ cloud: ['aws', 'gcp'] })
  expect(toggled(toggled(once, 'cloud', 'gcp'), 'cloud', 'aws')).toEqual({})
})

test('clearing keeps the order and the columns', () => {
  expect(cleared({ q: 'x', tag: ['a'], sort: 'kind', columns: ['name'] })).toEqual({
    sort: 'kind',
    columns: ['name'],
  })
})
