import { useSyncExternalStore } from 'react'
import { size } from '#/ui/tokens'

const query = window.matchMedia(size.narrow.replace('@media ', ''))

function subscribe(listener: () => void) {
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** Whether the window is too narrow for a rail or a panel beside the page. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches)
