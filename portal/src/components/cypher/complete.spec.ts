import { expect, test } from 'vitest'
import { labelOf, placeOf, rangeOf, wantedAt } from './complete'

test('what is wanted is told by what stands before', () => {
  const check = (before: string, wanted: object | undefined) =>
    expect(wantedAt(before, before)).toEqual(wanted)
  check('MATCH (d:Dat', { what: 'label', from: 9 })
  check('MATCH (d:', { what: 'label', from: 9 })
  check('MATCH (a)-[:HAS_', { what: 'edge', from: 12 })
  check('MATCH (a)-[:HAS_DISK|RU', { what: 'edge', from: 21 })
  check('MATCH (d:Database) WHERE d.', { what: 'property', from: 27, label: 'Database', path: '' })
  check('MATCH (d:Database) WHERE d.settings.ip', {
    what: 'property',
    from: 36,
    label: 'Database',
    path: 'settings',
  })
  check('MATCH (d:Database) WHERE d.rules[0].na', {
    what: 'property',
    from: 36,
    label: 'Database',
    path: 'rules[0]',
  })
  check('MATCH (d) WHERE d.', undefined)
  check('RETURN to', { what: 'word', from: 7 })
})

test('the condition of a check knows its variable', () => {
  expect(wantedAt('r.properties.', 'r.properties.', { r: 'AzureDisk' })).toEqual({
    what: 'property',
    from: 13,
    label: 'AzureDisk',
    path: 'properties',
  })
  expect(labelOf('MATCH (m)-[:USES]->( k :Key)', 'k')).toBe('Key')
})

test('the place of a problem is read from what the server says, and underlined there', () => {
  const check = (text: string, detail: string, marked: string | undefined) => {
    const place = placeOf(detail)
    const range = place === undefined ? undefined : rangeOf(text, place)
    expect(range && text.slice(range.from, range.to)).toBe(marked)
  }
  check('MATCH (n:Nope)\nRETURN n', '`query`: line 1, column 10: there is no label `Nope`', 'Nope')
  check('MATCH (n)\nRETURN m', 'line 2, column 8: `m` is not defined', 'm')
  check("RETURN '😀', x", 'line 1, column 13: `x` is not defined', 'x')
  check('MATCH (n', 'line 1, column 9: expected `)`', '')
  check('MATCH (n)', 'the query needs more time than it may use', undefined)
})
