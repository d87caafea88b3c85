// A query as a form: what the builder edits. The server makes its text and reads it back.
import type { Schemas } from '#/api/client'

export type Form = Schemas['SearchForm']
export type Told = Schemas['SearchTold']

/** What a text says that no form can show, and where. */
export type Beyond = NonNullable<Told['beyond']>

/** That, in a sentence. */
export const beyondWords = (what: string, { line, column, why }: Beyond): string =>
  `${what} says more than rows can show: line ${line}, column ${column}: ${why}.`

export type Scalar = string | number | boolean | { ago: string } | { ahead: string }
export type Presence = 'shown' | 'joined' | 'exists' | 'absent'
export type Direction = 'out' | 'in' | 'either'
export type Quantifier = 'any' | 'all' | 'none' | 'single'
export type Op =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'in'
  | 'has'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'matches'
  | 'isNull'
  | 'isNotNull'

export interface Test {
  is: 'test'
  path: string[]
  otherwise?: Scalar
  of: 'value' | 'lowerCase' | 'size' | 'instant'
  op: Op
  values: Scalar[]
  not: boolean
}

export interface Group {
  is: 'group'
  isAny: boolean
  not: boolean
  items: Item[]
}

export interface Connection {
  is: 'connection'
  types: string[]
  direction: Direction
  hops?: { least?: number; most?: number }
  presence: Presence
  thing: Thing
}

export interface Elements {
  is: 'elements'
  path: string[]
  orEmpty: boolean
  quantifier: Quantifier
  variable: string
  items: Item[]
  not: boolean
}

export type Item = Test | Group | Connection | Elements

export interface Thing {
  variable: string
  labels: string[]
  items: Item[]
}

/** A form as the builder holds it: nothing in it is absent. */
export interface Search {
  thing: Thing
  limit?: number
}

export const nothing: Search = { thing: { variable: '', labels: [], items: [] } }

export const newTest = (path: string[] = [], op: Op = 'eq', values: Scalar[] = []): Test => ({
  is: 'test',
  path,
  of: 'value',
  op,
  values,
  not: false,
})

export const newGroup = (isAny: boolean): Group => ({ is: 'group', isAny, not: false, items: [newTest()] })

export const newElements = (): Elements => ({
  is: 'elements',
  path: [],
  orEmpty: false,
  quantifier: 'any',
  variable: '',
  items: [newTest()],
  not: false,
})

/** `canShow`: it may be a column, which nothing below a group or another condition can. */
export const newConnection = (canShow: boolean): Connection => ({
  is: 'connection',
  types: [],
  direction: 'out',
  presence: canShow ? 'shown' : 'exists',
  thing: { variable: '', labels: [], items: [] },
})

/** A form of the server as the builder holds it. */
export function searchOf({ thing, limit }: Form): Search {
  return { thing: thingOf(thing), ...(limit === undefined || limit === null ? {} : { limit }) }
}

function thingOf({ variable = '', labels = [], items = [] }: Schemas['ThingForm']): Thing {
  return { variable, labels, items: items.map(itemOf) }
}

function itemOf(it: Schemas['ItemForm']): Item {
  switch (it.is) {
    case 'test': {
      const { of = 'value', values = [], not = false, otherwise } = it
      const own = otherwise === undefined || otherwise === null ? {} : { otherwise }
      return { is: 'test', path: it.path, of, op: it.op, values, not, ...own }
    }
    case 'group':
      return { is: 'group', isAny: it.isAny, not: it.not ?? false, items: it.items.map(itemOf) }
    case 'connection': {
      const { least, most } = it.hops ?? {}
      const hops = {
        ...(least === undefined || least === null ? {} : { least }),
        ...(most === undefined || most === null ? {} : { most }),
      }
      return {
        is: 'connection',
        types: it.types ?? [],
        direction: it.direction,
        presence: it.presence,
        thing: thingOf(it.thing),
        ...(it.hops === undefined || it.hops === null ? {} : { hops }),
      }
    }
    case 'elements': {
      const { orEmpty = false, variable = '', not = false } = it
      const items = it.items.map(itemOf)
      return { is: 'elements', path: it.path, orEmpty, quantifier: it.quantifier, variable, items, not }
    }
  }
}

/** Keys of a path as one reads and types them; a key that is no word stands in back-ticks. */
export function textOf(path: readonly string[]): string {
  return path.map((key) => (/^[\p{L}_*][\p{L}\p{N}_]*$/u.test(key) ? key : `\`${key}\``)).join('.')
}

/** The keys that a text names. */
export function pathOf(text: string): string[] {
  const keys = text.trim().match(/`[^`]*`|[^.`]+/g) ?? []
  return keys.map((key) => (key.startsWith('`') ? key.slice(1, -1) : key.trim())).filter((key) => key !== '')
}

/** A value as one types it. */
export function typed(value: Scalar | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'object' ? ('ago' in value ? value.ago : value.ahead) : String(value)
}

/** What was typed, as a value that such things hold. Without a type, what looks like a number is one. */
export function scalar(text: string, types: readonly string[]): Scalar {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text.trim())
  const holds = (type: string) => types.length === 0 || types.includes(type)
  if (isNumber && holds('number') && !(types.includes('text') && types[0] === 'text')) return Number(text)
  if ((text === 'true' || text === 'false') && holds('boolean')) return text === 'true'
  return text
}

/** Values between commas. */
export function scalars(text: string, types: readonly string[]): Scalar[] {
  return text
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '')
    .map((it) => scalar(it, types))
}

/** Days of a period, where it is a number of days. */
export function daysOf(period: string): number | undefined {
  const days = /^P(\d+)D$/.exec(period)?.[1]
  return days === undefined ? undefined : Number(days)
}
