import { expect, test } from 'vitest'
import { csv } from './csv'

test('cells are quoted where they must be', () => {
  const check = (value: string | number | null, text: string) => expect(csv([[value]])).toBe(`${text}\r\n`)
  check('plain', 'plain')
  check('a, "b"', '"a, ""b"""')
  check('two\nlines', '"two\nlines"')
  check(-3, '-3')
  check(null, '')
})

test('no cell is a formula', () => {
  expect(csv([['=HYPERLINK("x")', '+1', '@a', '-b']])).toBe(`"'=HYPERLINK(""x"")",'+1,'@a,'-b\r\n`)
})
