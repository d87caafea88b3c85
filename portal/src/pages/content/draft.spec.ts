import { expect, test } from 'vitest'
import { type Draft, emptyDraft, idOf, missing, placeOf, predicateOf, slugOf, textOf } from './draft'

const draft: Draft = {
  ...emptyDraft,
  title: 'A "label" store is open',
  kind: 'aws.s3-bucket',
  unhealthy: "r.Name STARTS WITH 'tern'\nAND r.x = 1",
  evidence: 'Name\n GetBucketPolicy.Policy ',
  control: 'enable-mfa',
  why: 'Anybody reads it.',
}

const fallback = { control: 'enable-mfa', reference: 'https://merlon.example/' }

test('a title makes an id', () => {
  expect(slugOf('  Öffentlicher Bucket: ja!  ')).toBe('o-ffentlicher-bucket-ja')
  expect(idOf(draft)).toBe('own.a-label-store-is-open')
  expect(idOf({ ...draft, slug: 'labels' })).toBe('own.labels')
})

test('the text says what the form says, and where its predicates begin', () => {
  const { text, starts } = textOf(draft, '2026-11-22', fallback)
  const rows = text.split('\n')
  expect(rows[(starts.unhealthy ?? 0) - 1]).toBe("  r.Name STARTS WITH 'tern'")
  expect(text).toContain('title: "A \\"label\\" store is open"')
  expect(text).toContain('evidence: ["Name","GetBucketPolicy.Policy"]')
  expect(text).not.toContain('applies')
})

test('a problem is shown where it is in the form', () => {
  const text = textOf(draft, '2026-11-22', fallback)
  const check = (detail: string, line: number, column: number) =>
    expect(placeOf(detail, text)).toMatchObject({ field: 'unhealthy', line, column })
  check('check.yaml: `unhealthy`: line 2, column 5: there is no `x`', 2, 5)
  check('check.yaml:8:5: `unhealthy`: line 2, column 5: there is no `x`', 2, 5)
  const at = (text.starts.unhealthy ?? 0) + 1
  check(`check.yaml:${at}:7: \`unhealthy\`: there is no \`x\``, 2, 5)
  expect(placeOf('check.yaml: it names no primary source', text)).toBeUndefined()
})

test('a value becomes a predicate', () => {
  const check = (path: string, value: string | undefined, predicate: string) =>
    expect(predicateOf(path, value)).toBe(predicate)
  check('properties.publicNetworkAccess', '"Enabled"', "r.properties.publicNetworkAccess = 'Enabled'")
  check('a.b', '"it\'s"', "r.a.b = 'it\\'s'")
  check('a.b', 'false', 'r.a.b = false')
  check('a.b', 'null', 'r.a.b IS NULL')
  check('IpPermissions[0].FromPort', '22', 'any(x IN r.IpPermissions WHERE x.FromPort = 22)')
  check('tags', '{"a":1}', 'r.tags IS NOT NULL')
  check('a.b', undefined, 'r.a.b IS NULL')
})

test('what is missing is said one thing at a time', () => {
  expect(missing(draft)).toBe('')
  expect(missing({ ...draft, why: '' })).toBe('Say why it matters.')
  expect(missing(emptyDraft)).toBe('Choose a kind of resource.')
})
