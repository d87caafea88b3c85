// A JSON document as the lines that show it, with the path of each as queries and checks name it.

/** What stands in a document. */
export type Json = unknown

export interface Line {
  /** `spec.containers[0].image`; empty for the document itself. */
  readonly path: string
  /** What stands before the colon; missing for the document and for items of lists. */
  readonly key: string | undefined
  /** Place in a list. */
  readonly index: number | undefined
  readonly depth: number
  readonly value: Json
  /** How many things are in it; undefined for what holds nothing by its nature. */
  readonly size: number | undefined
  /** The line of what it lies in; -1 for the document. */
  readonly parent: number
}

const plainKey = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The path of an entry. Keys that are no plain names stand in backticks, as in queries. */
export function pathOf(parent: string, key: string): string {
  const name = plainKey.test(key) ? key : `\`${key.replaceAll('`', '``')}\``
  return parent === '' ? name : `${parent}.${name}`
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sizeOf(value: Json): number | undefined {
  if (Array.isArray(value)) return value.length
  return isObject(value) ? Object.keys(value).length : undefined
}

/** All lines of a document, parents before what is in them. */
export function linesOf(document: Json): readonly Line[] {
  const lines: Line[] = []
  const add = (
    value: Json,
    path: string,
    key: string | undefined,
    index: number | undefined,
    depth: number,
    parent: number,
  ) => {
    const own = lines.length
    lines.push({ path, key, index, depth, value, size: sizeOf(value), parent })
    if (Array.isArray(value)) {
      for (const [n, it] of value.entries()) add(it, `${path}[${n}]`, undefined, n, depth + 1, own)
    } else if (isObject(value)) {
      for (const [name, it] of Object.entries(value))
        add(it, pathOf(path, name), name, undefined, depth + 1, own)
    }
  }
  add(document, '', undefined, undefined, 0, -1)
  return lines
}

/** The lines that are seen when those with these paths are folded. */
export function unfolded(lines: readonly Line[], folded: ReadonlySet<string>): readonly Line[] {
  const seen: Line[] = []
  let below = Number.POSITIVE_INFINITY
  for (const line of lines) {
    if (line.depth > below) continue
    below =
      folded.has(line.path) && line.size !== undefined && line.size > 0
        ? line.depth
        : Number.POSITIVE_INFINITY
    seen.push(line)
  }
  return seen
}

/** The paths of everything that a line lies in, and so must be open for it to be seen. */
export function above(lines: readonly Line[], line: Line): string[] {
  const paths: string[] = []
  for (let at = lines[line.parent]; at !== undefined; at = lines[at.parent]) paths.push(at.path)
  return paths
}

/** A value in one line, as it is written in a document. */
export function inLine(value: Json): string {
  return value === undefined ? 'absent' : (JSON.stringify(value) ?? 'absent')
}

/** The lines whose key or value has these words in it, whatever the case. */
export function found(lines: readonly Line[], words: string): readonly Line[] {
  const sought = words.trim().toLowerCase()
  if (sought === '') return []
  return lines.filter((it) => {
    if (it.key?.toLowerCase().includes(sought) === true) return true
    if (it.path.toLowerCase() === sought) return true
    return it.size === undefined && String(it.value).toLowerCase().includes(sought)
  })
}

/** What is folded at first: of a long document everything deeper than `depth`, unless it leads to a marked path. */
export function foldedAtFirst(
  lines: readonly Line[],
  marked: readonly string[],
  depth = 2,
  long = 400,
): Set<string> {
  if (lines.length <= long) return new Set()
  const folded = new Set(lines.filter((it) => it.depth >= depth && (it.size ?? 0) > 0).map((it) => it.path))
  for (const line of lines) {
    if (marked.includes(line.path)) for (const path of above(lines, line)) folded.delete(path)
  }
  return folded
}
