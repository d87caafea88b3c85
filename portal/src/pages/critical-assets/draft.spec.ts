import { expect, test } from 'vitest'
import { empty, idFor, lacks, stepOf, written } from './draft'

test('an id is made of the title, and no other has it', () => {
  expect(idFor('Ledger databases (über!)', new Set())).toBe('own.ledger-databases-u-ber')
  expect(idFor('Ledger', new Set(['own.ledger', 'own.ledger-2']))).toBe('own.ledger-3')
  expect(idFor('¿?', new Set())).toBe('own.classification')
})

test('it names kinds or a label, never both', () => {
  const draft = { ...empty, title: ' Keys ', kinds: ['aws.kms-key'], where: ' true ' }
  expect(written(draft)).toEqual({
    title: 'Keys',
    description: '',
    assets: 'cloudResource',
    kinds: ['aws.kms-key'],
    where: 'true',
    level: 'high',
    review: false,
  })
  expect(written({ ...draft, label: 'Key' })).not.toHaveProperty('kinds')
})

test('nobody comes to a step before what it rests on is there', () => {
  expect(stepOf(empty, 4)).toBe(1)
  const named = { ...empty, title: 'Keys' }
  expect(stepOf(named, 4)).toBe(2)
  expect(lacks(named, 2)).toContain('what it looks at')
  expect(stepOf({ ...named, label: 'Key', where: 'true' }, 4)).toBe(4)
})
