// The questions that were asked in this browser, the newest first.

export interface Asked {
  query: string
  /** RFC 3339. */
  at: string
}

const PLACE = 'merlon.queries'
const MOST = 50

/** What was kept, read without trust. */
export function readAsked(text: string | null): Asked[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(found)) return []
    return found.flatMap((it: unknown) =>
      typeof it === 'object' &&
      it !== null &&
      'query' in it &&
      'at' in it &&
      typeof it.query === 'string' &&
      typeof it.at === 'string'
        ? [{ query: it.query, at: it.at }]
        : [],
    )
  } catch {
    return []
  }
}

/** The list with a question at its head; once asked, it stands there once. */
export function remembered(asked: readonly Asked[], query: string, at: string): Asked[] {
  return [{ query, at }, ...asked.filter((it) => it.query !== query)].slice(0, MOST)
}

export const recall = (): Asked[] => readAsked(localStorage.getItem(PLACE))

export function remember(query: string): void {
  localStorage.setItem(PLACE, JSON.stringify(remembered(recall(), query, new Date().toISOString())))
}

export const forget = (): void => localStorage.removeItem(PLACE)
