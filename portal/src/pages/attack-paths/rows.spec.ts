import { expect, test } from 'vitest'
import { answer, aroundIt, fixes, role, toAdmin, toBucket, withoutMetadata } from './fixture'
import { byPaths, fixCounts, graphOf, markOf, rowsOf } from './rows'
import { attackPathsSearch, toggled } from './search'
import { fixWords, holdWords, nameOf, positionOf, targetsWords } from './words'

test('without fixes all paths are open, the unproven ones on request', () => {
  expect(rowsOf(answer, undefined, [], false).map((it) => it.state)).toEqual(['open', 'open'])
  expect(rowsOf(answer, undefined, [], true).map((it) => it.isProven)).toEqual([true, true, false])
})

test('a fix cuts the paths that rest on it, and what leads around is new', () => {
  const rows = rowsOf({ ...answer, unproven: [] }, withoutMetadata, [5], false)
  expect(rows.map((it) => it.state)).toEqual(['cut', 'cut', 'new'])
  const first = rowsOf({ ...answer, paths: [toBucket, toAdmin] }, withoutMetadata, [5], false)
  expect(first.map((it) => it.state)).toEqual(['cut', 'new', 'cut'])
  const one = rowsOf(answer, { paths: [toBucket], unproven: [] }, [7], false)
  expect(one.map((it) => it.state)).toEqual(['cut', 'open'])
})

test('the mark of a path is the same in every answer, and another for another path', () => {
  expect(markOf({ ...toAdmin, risk: 'low', likelihood: 'low' })).toBe(markOf(toAdmin))
  expect(new Set([toAdmin, toBucket, aroundIt].map(markOf)).size).toBe(3)
})

test('fixes that lie on most paths stand first', () => {
  const { contact, attach, trust } = fixes
  const counts = fixCounts(answer.paths)
  expect(byPaths([trust, attach, contact], counts).map((it) => it.id)).toEqual([3, 7, 11])
})

test('a fix is said in words, and the places beside it', () => {
  expect(fixWords(fixes.attach)).toEqual({ does: 'Take iam:AttachRolePolicy out of dock', where: undefined })
  const several = { ...fixes.attach, places: [...fixes.attach.places, ...fixes.read.places] }
  expect(fixWords(several).does).toBe('Take iam:AttachRolePolicy out of 2 statements')
  const detach = {
    says: 'detach PowerUserAccess from arn:aws:iam::111122223333:role/dock',
    places: fixes.attach.places,
  }
  expect(fixWords(detach).does).toBe('Detach PowerUserAccess from dock')
  expect(fixWords({ says: 'dock to ledger: Ask for a `token`.', places: [] })).toEqual({
    does: 'Ask for a `token`',
    where: 'dock to ledger',
  })
})

test('fixes are counted once for each path', () => {
  expect([...fixCounts(answer.paths)]).toEqual([
    [3, 2],
    [5, 2],
    [7, 1],
    [9, 1],
  ])
})

test('behind a cut everything is gone, before it nothing', () => {
  const graph = graphOf(toAdmin, [5], new Set([positionOf(role)]))
  expect(graph.nodes.map((it) => it.isGone === true)).toEqual([false, false, true, true])
  expect(graph.edges.map((it) => it.isGone)).toEqual([false, true, true])
  expect(graph.edges.map((it) => it.isStrong)).toEqual([false, true, false])
})

test('what a step needs beside the path stands in the graph, too', () => {
  const [first, second, third] = toAdmin.steps
  if (first === undefined || second === undefined || third === undefined) throw new Error('no steps')
  const other = { ...role, id: 'arn:aws:iam::111122223333:user/quay', name: 'quay' }
  const graph = graphOf(
    { ...toAdmin, steps: [first, second, { ...third, from: [role, other] }] },
    [],
    new Set(),
  )
  expect(graph.nodes.map((it) => it.name)).toEqual([
    'The internet',
    'dock-planner',
    'dock',
    'quay',
    'larkspur-prod',
  ])
  expect(graph.edges).toHaveLength(4)
})

test('the address keeps what is known and forgets the rest', () => {
  expect(
    attackPathsSearch({ from: 'any-user', without: ['5', '5', 'x'], step: '0', unproven: 'true', what: '1' }),
  ).toEqual({ from: ['any-user'], without: [5], unproven: true })
  expect(toggled({ without: [5] }, 7)).toEqual({ without: [5, 7] })
  expect(toggled({ without: [5], path: 'a' }, 5)).toEqual({ path: 'a' })
})

test('words for people', () => {
  expect(targetsWords(answer)).toBe('an administrator and 1 other target')
  expect(nameOf({ id: 'arn:aws:s3:::manifests', name: '' })).toBe('manifests')
  expect(holdWords({ ...role, hold: 'contact', port: 22 })).toBe('packets reach it, TCP 22')
})
