// Words of the builder: what is compared, and what Merlon derives and knows.
import { type Connection, type Item, newConnection, newTest, type Op, type Scalar, type Test } from './form'

/** A way to compare, as it reads between a path and a value. */
export interface Way {
  key: string
  label: string
  op: Op
  not: boolean
  of: Test['of']
  /** Kinds of values that it is offered for; all when empty. */
  for: readonly string[]
  takes: 'one' | 'many' | 'none' | 'period'
  /** A period before or after now. */
  to?: 'ago' | 'ahead'
}

const text = ['text']
const ordered = ['number']

export const ways: readonly Way[] = [
  { key: 'eq', label: 'is', op: 'eq', not: false, of: 'value', for: [], takes: 'one' },
  { key: 'ne', label: 'is not', op: 'ne', not: false, of: 'value', for: [], takes: 'one' },
  { key: 'in', label: 'is one of', op: 'in', not: false, of: 'value', for: [], takes: 'many' },
  { key: 'notIn', label: 'is none of', op: 'in', not: true, of: 'value', for: [], takes: 'many' },
  { key: 'contains', label: 'contains', op: 'contains', not: false, of: 'value', for: text, takes: 'one' },
  {
    key: 'containsLower',
    label: 'contains, in any case',
    op: 'contains',
    not: false,
    of: 'lowerCase',
    for: text,
    takes: 'one',
  },
  {
    key: 'notContains',
    label: 'does not contain',
    op: 'contains',
    not: true,
    of: 'value',
    for: text,
    takes: 'one',
  },
  {
    key: 'startsWith',
    label: 'starts with',
    op: 'startsWith',
    not: false,
    of: 'value',
    for: text,
    takes: 'one',
  },
  { key: 'endsWith', label: 'ends with', op: 'endsWith', not: false, of: 'value', for: text, takes: 'one' },
  {
    key: 'matches',
    label: 'fits the expression',
    op: 'matches',
    not: false,
    of: 'value',
    for: text,
    takes: 'one',
  },
  { key: 'lt', label: 'is less than', op: 'lt', not: false, of: 'value', for: ordered, takes: 'one' },
  { key: 'le', label: 'is at most', op: 'le', not: false, of: 'value', for: ordered, takes: 'one' },
  { key: 'gt', label: 'is more than', op: 'gt', not: false, of: 'value', for: ordered, takes: 'one' },
  { key: 'ge', label: 'is at least', op: 'ge', not: false, of: 'value', for: ordered, takes: 'one' },
  {
    key: 'before',
    label: 'is longer ago than',
    op: 'lt',
    not: false,
    of: 'instant',
    for: ['instant'],
    takes: 'period',
    to: 'ago',
  },
  {
    key: 'after',
    label: 'is within the last',
    op: 'gt',
    not: false,
    of: 'instant',
    for: ['instant'],
    takes: 'period',
    to: 'ago',
  },
  {
    key: 'soon',
    label: 'is sooner than in',
    op: 'lt',
    not: false,
    of: 'instant',
    for: ['instant'],
    takes: 'period',
    to: 'ahead',
  },
  { key: 'has', label: 'has the element', op: 'has', not: false, of: 'value', for: ['list'], takes: 'one' },
  {
    key: 'hasNot',
    label: 'has not the element',
    op: 'has',
    not: true,
    of: 'value',
    for: ['list'],
    takes: 'one',
  },
  {
    key: 'sizeGt',
    label: 'has more elements than',
    op: 'gt',
    not: false,
    of: 'size',
    for: ['list'],
    takes: 'one',
  },
  {
    key: 'sizeEq',
    label: 'has as many elements as',
    op: 'eq',
    not: false,
    of: 'size',
    for: ['list'],
    takes: 'one',
  },
  { key: 'isNotNull', label: 'is there', op: 'isNotNull', not: false, of: 'value', for: [], takes: 'none' },
  { key: 'isNull', label: 'is not there', op: 'isNull', not: false, of: 'value', for: [], takes: 'none' },
]

/** The way that a test compares in; a way of its own where no word is for it, so that nothing is lost. */
export function wayOf(test: Test): Way {
  const [first] = test.values
  const to = typeof first === 'object' ? ('ago' in first ? 'ago' : 'ahead') : undefined
  const found = ways.find(
    (it) => it.op === test.op && it.not === test.not && it.of === test.of && it.to === to,
  )
  if (found !== undefined) return found
  const plain = ways.find((it) => it.op === test.op && !it.not) ?? ways[0]
  const of = { value: '', lowerCase: 'in lower case ', size: 'counted ', instant: 'as a time ' }[test.of]
  return {
    key: 'other',
    label: `${of}${test.not ? 'not: ' : ''}${plain?.label ?? test.op}`,
    op: test.op,
    not: test.not,
    of: test.of,
    for: [],
    takes: to === undefined ? (test.op === 'in' ? 'many' : 'one') : 'period',
    ...(to === undefined ? {} : { to }),
  }
}

/** The ways that fit values of these types. */
export function waysFor(types: readonly string[]): readonly Way[] {
  return ways.filter(
    (it) => it.for.length === 0 || types.length === 0 || it.for.some((type) => types.includes(type)),
  )
}

/** Names for what Merlon says about everything. */
const known: Readonly<
  Record<string, { title: string; values?: readonly Scalar[]; types: readonly string[] }>
> = {
  'merlon.internet': {
    title: 'Reachable from the internet',
    values: ['wide', 'narrow', 'trusted'],
    types: ['text'],
  },
  'merlon.administrator': { title: 'Administrator', values: [true], types: ['boolean'] },
  'merlon.criticality': {
    title: 'Criticality',
    values: ['veryHigh', 'high', 'medium', 'low'],
    types: ['text'],
  },
  'merlon.criticalityRank': { title: 'Criticality, 1 to 4', types: ['number'] },
  'merlon.criticalBy': { title: 'Critical by classification', types: ['list'] },
  'merlon.name': { title: 'Name', types: ['text'] },
  'merlon.region': { title: 'Region', types: ['text'] },
  'merlon.scope': { title: 'Account or subscription', types: ['text'] },
  'merlon.kind': { title: 'Kind', types: ['text'] },
  'merlon.id': { title: 'Id', types: ['text'] },
}

export const knownPaths = Object.keys(known)

export function knownOf(path: string) {
  return known[path]
}

/** A path as people call it. */
export function titleOf(path: string): string {
  const tag = /^merlon\.tags\.(.+)$/.exec(path)?.[1]
  return tag === undefined ? (known[path]?.title ?? path) : `Tag ${tag.replaceAll('`', '')}`
}

/** The path of which something is the title. */
export function pathOfTitle(title: string): string {
  const tag = /^Tag (.+)$/.exec(title)?.[1]
  if (tag !== undefined) return `merlon.tags.${/^[\p{L}_][\p{L}\p{N}_]*$/u.test(tag) ? tag : `\`${tag}\``}`
  return knownPaths.find((it) => known[it]?.title === title) ?? title
}

/** What can be added in one step: insights, and what is found elsewhere about a thing. */
export interface Quick {
  label: string
  make: (canShow: boolean) => Item
}

const about = (label: string, canShow: boolean): Connection => ({
  ...newConnection(canShow),
  types: ['AFFECTS'],
  direction: 'in',
  presence: 'exists',
  thing: { variable: '', labels: [label], items: [] },
})

export const insights: readonly Quick[] = [
  {
    label: 'Reachable from the internet',
    make: () => newTest(['merlon', 'internet'], 'in', ['wide', 'narrow']),
  },
  { label: 'Administrator', make: () => newTest(['merlon', 'administrator'], 'eq', [true]) },
  { label: 'Critical asset', make: () => newTest(['merlon', 'criticality'], 'isNotNull') },
  { label: 'Has a vulnerability', make: (canShow) => about('Vulnerability', canShow) },
  { label: 'Has a secret on it', make: (canShow) => about('Secret', canShow) },
  { label: 'Holds sensitive data', make: (canShow) => about('SensitiveData', canShow) },
]
