import { expect, test } from 'vitest'
import { ago, counted, point } from './format'

test('instants are told from now', () => {
  const now = Date.parse('2026-01-10T12:00:00Z')
  const check = (iso: string, words: string) => expect(ago(iso, now)).toBe(words)
  check('2026-01-10T11:59:30Z', 'just now')
  check('2026-01-10T11:58:00Z', '2 minutes ago')
  check('2026-01-10T09:00:00Z', '3 hours ago')
  check('2026-01-09T10:00:00Z', 'yesterday')
  check('2026-01-12T12:00:00Z', 'in 2 days')
  check('2025-01-01T12:00:00Z', 'last year')
})

test('things are counted in words', () => {
  expect(counted(1, 'resource')).toBe('1 resource')
  expect(counted(1234, 'resource')).toBe('1,234 resources')
  expect(counted(2, 'policy', 'policies')).toBe('2 policies')
  expect(point(12.345)).toBe('12.3')
})
