// What a table shows in its columns, how wide they are, and which of them the person wants to see.
import { type ReactNode, useCallback, useMemo, useState } from 'react'

/** A column. Its `key` stands in addresses and in what is kept in the browser: it does not change. */
export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** What stands in the cell. It must not depend on anything but the row. */
  readonly cell: (row: Row) => ReactNode
  /** Width in pixels, until the person chooses another. */
  readonly width: number
  /** Takes what room is left; one column of a table should. */
  readonly grow?: boolean
  /** The name that the list is sorted by; missing where it cannot be. */
  readonly sort?: string
  /** Whether the plain order of the list by this column goes down, such as the worst first. */
  readonly down?: boolean
  /** Whether the first press on the head asks for the reverse of the plain order, as for figures that go up. */
  readonly reverse?: boolean
  /** Figures stand at the end of their cell. */
  readonly end?: boolean
  /** Not shown before somebody asks for it. */
  readonly hidden?: boolean
  /** The part that it plays in a card, where there is no room for columns; left out there when missing. */
  readonly card?: 'title' | 'mark' | 'line'
}

/** What is kept of a table in the browser. */
interface Kept {
  widths: Record<string, number>
  shown: string[] | null
}

const NARROWEST = 48
const WIDEST = 1200

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** What was kept, read without trust. */
export function readKept(text: string | null): Kept {
  const kept: Kept = { widths: {}, shown: null }
  let found: unknown
  try {
    found = JSON.parse(text ?? '{}')
  } catch {
    return kept
  }
  if (!isRecord(found)) return kept
  if (isRecord(found.widths)) {
    for (const [key, width] of Object.entries(found.widths)) {
      if (typeof width === 'number' && width >= NARROWEST && width <= WIDEST) kept.widths[key] = width
    }
  }
  if (Array.isArray(found.shown)) kept.shown = found.shown.filter((it) => typeof it === 'string')
  return kept
}

/** The columns of a table as this person has them. */
export interface Layout<Row> {
  readonly shown: readonly Column<Row>[]
  readonly isShown: (key: string) => boolean
  readonly width: (column: Column<Row>) => number
  readonly resize: (key: string, width: number) => void
  readonly show: (keys: readonly string[] | undefined) => void
  /** The tracks of the grid that all rows share. */
  readonly template: string
}

/**
 * Which columns are shown and how wide; kept under `name`, where it has one. `asked` comes from the address and wins over what the browser kept,
 * so that a link shows the same to everybody; `onAsk` puts a choice there.
 */
export function useLayout<Row>(
  name: string | undefined,
  columns: readonly Column<Row>[],
  asked: readonly string[] | undefined,
  onAsk: ((keys: readonly string[] | undefined) => void) | undefined,
): Layout<Row> {
  const place = name === undefined ? undefined : `merlon.table.${name}`
  const [kept, setKept] = useState(() => readKept(place === undefined ? null : localStorage.getItem(place)))
  const keep = useCallback(
    (change: (now: Kept) => Kept) =>
      setKept((now) => {
        const next = change(now)
        if (place !== undefined) localStorage.setItem(place, JSON.stringify(next))
        return next
      }),
    [place],
  )
  const choice = asked ?? kept.shown
  const shown = useMemo(() => {
    const wanted = columns.filter((it) => (choice === null ? it.hidden !== true : choice.includes(it.key)))
    return wanted.length === 0 ? columns.slice(0, 1) : wanted
  }, [columns, choice])
  const width = useCallback((column: Column<Row>) => kept.widths[column.key] ?? column.width, [kept.widths])
  const resize = useCallback(
    (key: string, to: number) => {
      const bounded = Math.round(Math.min(WIDEST, Math.max(NARROWEST, to)))
      keep((now) => ({ ...now, widths: { ...now.widths, [key]: bounded } }))
    },
    [keep],
  )
  const show = useCallback(
    (keys: readonly string[] | undefined) => {
      keep((now) => ({ ...now, shown: keys === undefined ? null : [...keys] }))
      onAsk?.(keys)
    },
    [keep, onAsk],
  )
  const isShown = useCallback((key: string) => shown.some((it) => it.key === key), [shown])
  const template = shown
    .map((it) =>
      it.grow === true && kept.widths[it.key] === undefined
        ? `minmax(${width(it)}px, 1fr)`
        : `${width(it)}px`,
    )
    .join(' ')
  return { shown, isShown, width, resize, show, template }
}
