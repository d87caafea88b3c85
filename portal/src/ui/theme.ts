// Which theme is shown: a choice of the person, kept in this browser, and following the system unless chosen.
import { useSyncExternalStore } from 'react'

export type ThemeChoice = 'light' | 'dark' | 'system'

const KEY = 'merlon.theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

function read(): ThemeChoice {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

function shown(): 'light' | 'dark' {
  const choice = read()
  if (choice !== 'system') return choice
  return dark.matches ? 'dark' : 'light'
}

function tell() {
  document.documentElement.dataset.theme = shown()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

dark.addEventListener('change', tell)
window.addEventListener('storage', (event) => event.key === KEY && tell())
document.documentElement.dataset.theme = shown()

export function chooseTheme(choice: ThemeChoice) {
  if (choice === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, choice)
  tell()
}

/** What was chosen, and what that comes to now. */
export function useTheme(): { choice: ThemeChoice; shown: 'light' | 'dark' } {
  const choice = useSyncExternalStore(subscribe, read)
  return { choice, shown: useSyncExternalStore(subscribe, shown) }
}
