// What lies over the page, if anything: the palette or the help. One at a time.
import { useSyncExternalStore } from 'react'

type Overlay = 'none' | 'palette' | 'help'

let overlay: Overlay = 'none'
const listeners = new Set<() => void>()

function set(next: Overlay) {
  overlay = next
  for (const listener of listeners) listener()
}

export const openPalette = () => set('palette')
export const openHelp = () => set('help')
export const closeOverlay = () => set('none')

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useOverlay = (): Overlay => useSyncExternalStore(subscribe, () => overlay)
