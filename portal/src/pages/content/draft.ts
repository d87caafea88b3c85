// A check that somebody writes: the form, and the text that the server reads it from.
import type { Schemas } from '#/api/client'

export interface Draft {
  /** What stands after `own.`. */
  slug: string
  title: string
  severity: Schemas['Severity']
  kind: string
  /** Empty: it applies to every resource of the kind. */
  applies: string
  unhealthy: string
  /** Paths of the document, a line each. */
  evidence: string
  control: string
  why: string
  blindSpots: string
  /** Steps, a line each. */
  steps: string
  cli: string
  /** Where it is written down that this must be so: an address. */
  reference: string
  /** Requirements of standards, by standard. */
  standards: Readonly<Record<string, readonly string[]>>
  techniques: readonly string[]
}

export const emptyDraft: Draft = {
  slug: '',
  title: '',
  severity: 'medium',
  kind: '',
  applies: '',
  unhealthy: '',
  evidence: '',
  control: '',
  why: '',
  blindSpots: '',
  steps: '',
  cli: '',
  reference: '',
  standards: {},
  techniques: [],
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((it) => it.trim())
    .filter((it) => it !== '')

/** `A bucket is open!` as `a-bucket-is-open`. */
export function slugOf(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)
    .replaceAll(/-+$/g, '')
}

/** The id under which it is kept. */
export const idOf = (draft: Draft): string => `own.${draft.slug === '' ? slugOf(draft.title) : draft.slug}`

/** How deep a predicate stands in the text. */
const INDENT = 2

/** The text of a check, and the line on which each predicate begins. */
export interface Text {
  text: string
  starts: Readonly<Record<string, number>>
}

/** What stands for what is not written yet, so that a check can be tried before it is whole. */
export interface Fallback {
  control: string
  /** An address at which the reason can be asked for. */
  reference: string
}

/** The check as YAML. JSON strings are YAML; predicates stand as they were written, so that places in them can be found. */
export function textOf(draft: Draft, day: string, fallback: Fallback): Text {
  const said = (text: string, otherwise: string) =>
    JSON.stringify(text.trim() === '' ? otherwise : text.trim())
  const title = draft.title.trim() === '' ? 'Untitled' : draft.title
  const rows: string[] = []
  const starts: Record<string, number> = {}
  const block = (name: string, text: string) => {
    if (text.trim() === '') return
    rows.push(`${name}: |-`)
    starts[name] = rows.length + 1
    rows.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `${' '.repeat(INDENT)}${line}`),
    )
  }
  rows.push(`id: ${idOf({ ...draft, title })}`, `title: ${JSON.stringify(title.trim())}`, 'status: stable')
  rows.push('since: "1"', `severity: ${draft.severity}`, `kind: ${JSON.stringify(draft.kind)}`)
  block('applies', draft.applies)
  block('unhealthy', draft.unhealthy)
  rows.push(
    `evidence: ${JSON.stringify(lines(draft.evidence))}`,
    `control: ${JSON.stringify(draft.control === '' ? fallback.control : draft.control)}`,
  )
  rows.push(
    `standards: ${JSON.stringify(draft.standards)}`,
    `techniques: ${JSON.stringify(draft.techniques)}`,
  )
  rows.push(`why: ${said(draft.why, 'Not written yet.')}`, `blind_spots: ${said(draft.blindSpots, 'none')}`)
  const steps = lines(draft.steps)
  const cli = lines(draft.cli)
  const fix = {
    steps: steps.length === 0 ? ['Not written yet.'] : steps,
    ...(cli.length === 0 ? {} : { cli }),
  }
  rows.push(`fix: ${JSON.stringify(fix)}`)
  const reference = draft.reference.trim() === '' ? fallback.reference : draft.reference.trim()
  const references = [{ url: reference, read: day }]
  rows.push(`references: ${JSON.stringify(references)}`)
  return { text: `${rows.join('\n')}\n`, starts }
}

/** A place in one of the predicates. */
export interface Place {
  field: 'applies' | 'unhealthy'
  /** From 1, as in the field of the form. */
  line: number
  column: number
  detail: string
}

/** Where in the form a problem is that the server found in the text; undefined where it is in no predicate. */
export function placeOf(detail: string, { starts }: Text): Place | undefined {
  const inside = /`(applies|unhealthy)`: line (\d+), column (\d+): (.*)/s.exec(detail)
  if (inside !== null) {
    const [, field, line, column, words] = inside
    return place(field, Number(line), Number(column), words ?? '')
  }
  const at = /check\.yaml:(\d+):(\d+): `(applies|unhealthy)`: (.*)/s.exec(detail)
  if (at === null) return undefined
  const [, line, column, field, words] = at
  const start = starts[field ?? ''] ?? 1
  return place(field, Number(line) - start + 1, Number(column) - INDENT, words ?? '')
}

function place(field: string | undefined, line: number, column: number, detail: string): Place | undefined {
  if (field !== 'applies' && field !== 'unhealthy') return undefined
  return { field, line: Math.max(1, line), column: Math.max(1, column), detail }
}

/** A predicate that a value is what it is: what somebody has who begins from a value of a document. */
export function predicateOf(path: string, value: string | undefined): string {
  const at = path.startsWith('[') ? `r${path}` : `r.${path}`
  let known: unknown
  try {
    known = value === undefined ? undefined : JSON.parse(value)
  } catch {
    known = value
  }
  const list = /^(.*?)\[\d+\](.*)$/.exec(at)
  if (list !== null) {
    const [, before, after] = list
    return `any(x IN ${before} WHERE ${comparison(`x${after ?? ''}`, known)})`
  }
  return comparison(at, known)
}

function comparison(at: string, value: unknown): string {
  if (value === null || value === undefined) return `${at} IS NULL`
  if (typeof value === 'string') return `${at} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (typeof value === 'number' || typeof value === 'boolean') return `${at} = ${value}`
  return Array.isArray(value) ? `size(${at}) > 0` : `${at} IS NOT NULL`
}

/** What is still missing before it can be published, in a sentence; empty when nothing is. */
export function missing(draft: Draft): string {
  if (draft.kind === '') return 'Choose a kind of resource.'
  if (draft.unhealthy.trim() === '') return 'Say when a resource is unhealthy.'
  if (draft.title.trim() === '') return 'Name the problem.'
  if (draft.control === '') return 'Choose the control that it counts in.'
  if (draft.why.trim() === '') return 'Say why it matters.'
  return ''
}

/** The form from a check that is there already. */
export function draftOf(check: Schemas['CheckDetail']): Draft {
  return {
    slug: check.own ? check.id.replace(/^own\./, '') : '',
    title: check.title,
    severity: check.severity,
    kind: check.kinds[0] ?? '',
    applies: check.applies ?? '',
    unhealthy: check.unhealthy,
    evidence: check.evidence.flatMap((it) => it.path ?? []).join('\n'),
    control: check.control,
    why: check.why,
    blindSpots: check.blindSpots,
    steps: check.steps.join('\n'),
    cli: check.cli.join('\n'),
    reference: check.sources[0]?.url ?? '',
    standards: check.standards,
    techniques: check.techniques,
  }
}
