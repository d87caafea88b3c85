// What may stand at a place of a query: found by the text before it, without reading the whole grammar.

export type Wanted =
  | { what: 'label'; from: number }
  | { what: 'edge'; from: number }
  | { what: 'property'; from: number; label: string; path: string }
  | { what: 'word'; from: number }

const name = '[A-Za-z_][A-Za-z0-9_]*'

/** The label that a variable is given somewhere in the text: `(d:Database)`. */
export function labelOf(text: string, variable: string): string | undefined {
  const found = new RegExp(`\\(\\s*${variable}\\s*:\\s*(${name})`).exec(text)
  return found?.[1]
}

/**
 * What is wanted behind `before`, the text up to the place, in the query `text`. `known` gives the label of a variable
 * that no pattern introduces, such as `r` in the condition of a check.
 */
export function wantedAt(
  before: string,
  text: string,
  known: Readonly<Record<string, string>> = {},
): Wanted | undefined {
  const edge = /\[[^\]()]*[:|]\s*!?([A-Za-z_0-9]*)$/.exec(before)
  if (edge !== null) return { what: 'edge', from: before.length - (edge[1]?.length ?? 0) }
  const label = /\([^()]*:\s*([A-Za-z_0-9]*)$/.exec(before)
  if (label !== null) return { what: 'label', from: before.length - (label[1]?.length ?? 0) }
  const property = new RegExp(`(${name})((?:\\.${name}|\\.\`[^\`]*\`|\\[\\d+\\])*)\\.(${name}|)$`).exec(
    before,
  )
  if (property !== null) {
    const [, variable = '', path = '', start = ''] = property
    const of = known[variable] ?? labelOf(text, variable)
    if (of === undefined) return undefined
    return { what: 'property', from: before.length - start.length, label: of, path: path.replace(/^\./, '') }
  }
  const word = new RegExp(`(${name})$`).exec(before)
  return word === null ? undefined : { what: 'word', from: before.length - (word[1]?.length ?? 0) }
}

/** A place in the text that the server names, as lines and columns from 1. */
export interface Place {
  line: number
  column: number
  detail: string
}

/** The place and what is wrong there, from the words of the server: `line 1, column 10: there is no label …`. */
export function placeOf(detail: string): Place | undefined {
  const found = /line (\d+), column (\d+): ([\s\S]+)$/.exec(detail)
  if (found === null) return undefined
  return { line: Number(found[1]), column: Number(found[2]), detail: found[3] ?? '' }
}

/** From where to where a problem is underlined: the word or sign that begins at its place. */
export function rangeOf(text: string, place: Place): { from: number; to: number } {
  const lines = text.split('\n')
  const line = lines[place.line - 1] ?? ''
  const start = lines.slice(0, place.line - 1).reduce((sum, it) => sum + it.length + 1, 0)
  // Columns count characters, positions count UTF-16 units.
  const column = [...line].slice(0, place.column - 1).join('').length
  const rest = line.slice(column)
  const length = /^[:.]?\s*[A-Za-z_0-9]+|^`[^`]*`|^'[^']*'|^"[^"]*"/.exec(rest)?.[0].length ?? 1
  const from = Math.min(start + column, text.length)
  return { from, to: Math.min(Math.max(from + 1, from + length), Math.max(text.length, from)) }
}
