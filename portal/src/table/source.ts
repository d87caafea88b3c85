// Where the rows of a table come from: pages of the server, fetched as they are needed, or a list that is here already.
import { keepPreviousData, type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'

/** Rows for a table, some of which may not be here yet. */
export interface Source<Row> {
  /** Rows that can be scrolled to now. It grows while further pages come in. */
  readonly count: number
  /** Rows on all pages, where the server says so. */
  readonly total: number | undefined
  /** A row by its place; undefined while its page is under way. */
  readonly row: (index: number) => Row | undefined
  /** Says which rows are looked at, so that their pages and the next ones are fetched. */
  readonly look: (first: number, last: number) => void
  readonly isLoading: boolean
  /** Whether the rows belong to the filter before, until those of the new one are here. */
  readonly isOld: boolean
  /** Why the list, or its next page, could not be had. */
  readonly error: unknown
  readonly retry: () => void
}

/** A page of a list of the API. */
export interface KeysetPage<Row> {
  items: readonly Row[]
  /** The cursor of the next page; missing on the last. */
  next?: string | null
  total?: number | null
}

/** Rows in a page. Small enough for a quick first answer, large enough that scrolling seldom waits. */
const SIZE = 100
/** Pages that are fetched before they are seen. */
const AHEAD = 2
/** Pages that nobody looks at are forgotten after this many milliseconds: a million rows need no room for a million. */
const KEPT = 60_000
/** Rows that are ever scrolled through: browsers stop drawing boxes much higher than 17 million pixels. */
export const MOST_ROWS = 250_000

interface Chain {
  /** The list that these cursors belong to. */
  id: string
  /** The cursor of each page whose place is known, by number; that of the first is empty. */
  cursors: readonly string[]
}

/** Puts the cursor behind a page into the chain; the same chain when it is known. */
export function lengthened(
  cursors: readonly string[],
  page: number,
  next: string | null | undefined,
): readonly string[] {
  if (next === undefined || next === null)
    return cursors.length > page + 1 ? cursors.slice(0, page + 1) : cursors
  if (cursors[page + 1] === next) return cursors
  return [...cursors.slice(0, page + 1), next]
}

/** How many rows can be scrolled to when so many pages are known. */
export function reachable(pages: number, total: number | undefined, lastItems: number | undefined): number {
  if (lastItems !== undefined) return Math.min((pages - 1) * SIZE + lastItems, MOST_ROWS)
  return Math.min(pages * SIZE, total ?? pages * SIZE, MOST_ROWS)
}

/**
 * A list of the server in pages. `key` names the list with its filters and its order; `page` fetches one page.
 * The first page stays the truth about totals and facets and is given back as `first`.
 */
export function useKeyset<Page extends KeysetPage<Row>, Row = Page['items'][number]>(options: {
  key: readonly unknown[]
  page: (cursor: string | undefined, limit: number, signal: AbortSignal) => Promise<Page>
  enabled?: boolean
}): Source<Row> & { first: Page | undefined } {
  const { key, page: fetchPage, enabled = true } = options
  const id = JSON.stringify(key)
  const [chain, setChain] = useState<Chain>({ id, cursors: [''] })
  const [seen, setSeen] = useState({ first: 0, last: 0 })

  const first = useQuery({
    queryKey: [...key, { cursor: '' }],
    queryFn: ({ signal }) => fetchPage(undefined, SIZE, signal),
    placeholderData: keepPreviousData,
    enabled,
  })
  const cursors = chain.id === id ? chain.cursors : ['']
  const from = Math.max(1, Math.min(seen.first, cursors.length - 1))
  const wanted = cursors.slice(from, seen.last + AHEAD + 1).map((cursor, n) => ({ number: from + n, cursor }))
  const later = useQueries({
    queries: wanted.map(({ cursor }) => ({
      queryKey: [...key, { cursor }],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchPage(cursor, SIZE, signal),
      gcTime: KEPT,
      staleTime: Number.POSITIVE_INFINITY,
      enabled: enabled && cursor !== '',
    })),
    combine: together,
  })

  // Rows that were scrolled to stay where they are although the list changed: the chain begins anew at its top only.
  const isTop = seen.first === 0
  const firstNext = first.isPlaceholderData ? undefined : first.data?.next
  useEffect(() => {
    if (first.data === undefined || first.isPlaceholderData) return
    setChain((now) => {
      if (now.id !== id) return { id, cursors: lengthened([''], 0, firstNext) }
      if (!isTop && now.cursors.length > 1) return now
      const cursors = lengthened(now.cursors, 0, firstNext)
      return cursors === now.cursors ? now : { id, cursors }
    })
  }, [id, first.data, first.isPlaceholderData, firstNext, isTop])
  const pages: ReadonlyMap<number, Page> = useMemo(() => {
    const known = new Map<number, Page>()
    if (first.data !== undefined) known.set(0, first.data)
    later.pages.forEach((it, n) => {
      if (it !== undefined) known.set(from + n, it)
    })
    return known
  }, [first.data, later.pages, from])
  useEffect(() => {
    setChain((now) => {
      if (now.id !== id) return now
      let cursors = now.cursors
      for (const [number, it] of pages) {
        // A page in the middle that was fetched again does not cut off what is known behind it.
        if (number > 0 && number === cursors.length - 1) cursors = lengthened(cursors, number, it.next)
      }
      return cursors === now.cursors ? now : { id, cursors }
    })
  }, [id, pages])

  const look = useCallback((start: number, end: number) => {
    const pages = { first: Math.floor(start / SIZE), last: Math.floor(end / SIZE) }
    setSeen((now) => (now.first === pages.first && now.last === pages.last ? now : pages))
  }, [])

  const lastPage = pages.get(cursors.length - 1)
  const isLast = lastPage !== undefined && (lastPage.next ?? null) === null
  const total = first.data?.total ?? undefined
  const row = useCallback(
    (index: number): Row | undefined => pages.get(Math.floor(index / SIZE))?.items[index % SIZE],
    [pages],
  )
  return {
    first: first.data,
    count:
      first.data === undefined
        ? 0
        : reachable(cursors.length, total, isLast ? lastPage.items.length : undefined),
    total,
    row,
    look,
    isLoading: first.isPending && enabled,
    isOld: first.isPlaceholderData,
    error: first.data === undefined ? first.error : later.error,
    retry: () => {
      void first.refetch()
      later.retry()
    },
  }
}

function together<Page>(results: readonly UseQueryResult<Page>[]) {
  return {
    pages: results.map((it) => it.data),
    error: results.find((it) => it.isError)?.error,
    retry: () => {
      for (const it of results) if (it.isError) void it.refetch()
    },
  }
}

/** A list that is here as a whole, or under way as one. */
export function useList<Row>(asked: {
  data: readonly Row[] | undefined
  isPending?: boolean
  error?: unknown
  refetch?: () => unknown
}): Source<Row> {
  const { data, isPending = data === undefined, error, refetch } = asked
  const row = useCallback((index: number) => data?.[index], [data])
  return {
    count: data?.length ?? 0,
    total: data?.length,
    row,
    look: nothing,
    isLoading: data === undefined && isPending,
    isOld: false,
    error: data === undefined ? error : undefined,
    retry: () => void refetch?.(),
  }
}

function nothing(): void {}

/** A list in the order of a column: by number or by text, the earlier order where two are equal. */
export function sorted<Row>(
  rows: readonly Row[],
  value: (row: Row) => string | number | null | undefined,
  reverse = false,
): Row[] {
  const sign = reverse ? -1 : 1
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a) ?? null, value(b) ?? null]
    // What has no value comes last whichever way round.
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y)
    return sign * String(x).localeCompare(String(y), undefined, { numeric: true })
  })
}
