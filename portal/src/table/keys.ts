// Which key does what in a list.

export type Move = { by: number } | { to: 'first' | 'last' }

/** Where a key moves the active row; `page` is the number of rows that are seen at once. */
export function moveOf(key: string, page: number): Move | undefined {
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return { by: 1 }
    case 'k':
    case 'ArrowUp':
      return { by: -1 }
    case 'PageDown':
      return { by: page }
    case 'PageUp':
      return { by: -page }
    case 'Home':
      return { to: 'first' }
    case 'End':
      return { to: 'last' }
    default:
      return undefined
  }
}

/** The row that is active after a move in a list of `count` rows. */
export function moved(active: number, move: Move, count: number): number {
  const to = 'by' in move ? active + move.by : move.to === 'first' ? 0 : count - 1
  return Math.max(0, Math.min(count - 1, to))
}
