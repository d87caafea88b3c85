import { expect, test } from 'vitest'
import { sortOf } from './JsonDiff'
import { above, foldedAtFirst, found, linesOf, pathOf, unfolded } from './lines'

const document = {
  name: 'a',
  spec: {
    containers: [{ image: 'x', privileged: true }, { image: 'y' }],
    labels: { 'app.kubernetes.io/name': 'shop' },
  },
  empty: {},
}
const paths = (lines: readonly { path: string }[]) => lines.map((it) => it.path)

test('every value has the path that queries name it by', () => {
  expect(paths(linesOf(document))).toEqual([
    '',
    'name',
    'spec',
    'spec.containers',
    'spec.containers[0]',
    'spec.containers[0].image',
    'spec.containers[0].privileged',
    'spec.containers[1]',
    'spec.containers[1].image',
    'spec.labels',
    'spec.labels.`app.kubernetes.io/name`',
    'empty',
  ])
  expect(pathOf('a', 'b`c')).toBe('a.`b``c`')
})

test('what is folded hides what is in it, and nothing else', () => {
  const lines = linesOf(document)
  expect(paths(unfolded(lines, new Set(['spec.containers', 'empty'])))).toEqual([
    '',
    'name',
    'spec',
    'spec.containers',
    'spec.labels',
    'spec.labels.`app.kubernetes.io/name`',
    'empty',
  ])
})

test('the way to a line is all that it lies in', () => {
  const lines = linesOf(document)
  const image = lines.find((it) => it.path === 'spec.containers[1].image')
  expect(image && above(lines, image)).toEqual(['spec.containers[1]', 'spec.containers', 'spec', ''])
})

test('search finds keys, values and whole paths', () => {
  const lines = linesOf(document)
  expect(paths(found(lines, 'IMAGE'))).toEqual(['spec.containers[0].image', 'spec.containers[1].image'])
  expect(paths(found(lines, 'shop'))).toEqual(['spec.labels.`app.kubernetes.io/name`'])
  expect(paths(found(lines, 'spec.containers[1]'))).toEqual(['spec.containers[1]'])
  expect(found(lines, ' ')).toEqual([])
})

test('a long document is folded at first, but for what is marked', () => {
  const long = { list: Array.from({ length: 300 }, (_, n) => ({ n, deep: { deeper: n } })) }
  const lines = linesOf(long)
  const folded = foldedAtFirst(lines, ['list[7].deep.deeper'])
  const seen = paths(unfolded(lines, folded))
  expect(seen).toContain('list[7].deep.deeper')
  expect(seen).not.toContain('list[8].n')
  expect(foldedAtFirst(linesOf(document), []).size).toBe(0)
})

test('a change is an addition, a removal or another value', () => {
  expect(sortOf({ path: 'a', before: null, after: 1 })).toBe('added')
  expect(sortOf({ path: 'a', before: 1, after: null })).toBe('removed')
  expect(sortOf({ path: 'a', before: false, after: 0 })).toBe('changed')
})
