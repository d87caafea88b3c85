// Keys of the whole portal and of the page that is shown, in one list, so that `?` can show what there is.
import { useEffect, useSyncExternalStore } from 'react'

export interface Key {
  /** `/`, `?`, `j`, `Enter`, `Ctrl+k`, or two after each other: `g o`. */
  keys: string
  /** What it does, in a few words: `Open the selected row`. */
  label: string
  do: (event: KeyboardEvent) => void
}

export interface KeyGroup {
  title: string
  keys: readonly Key[]
}

/** How long the second key of two may take. */
const PATIENCE_MS = 1200

let groups: readonly KeyGroup[] = []
const listeners = new Set<() => void>()
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function change(next: readonly KeyGroup[]) {
  groups = next
  for (const listener of listeners) listener()
}

/** Lets keys work as long as the component is shown. Give the same array each time, or a memoized one. */
export function useKeys(title: string, keys: readonly Key[]) {
  useEffect(() => {
    const group = { title, keys }
    change([...groups, group])
    return () => change(groups.filter((it) => it !== group))
  }, [title, keys])
}

/** All keys that work now, for the help. */
export const useKeyGroups = (): readonly KeyGroup[] => useSyncExternalStore(subscribe, () => groups)

/** Whether somebody is writing, so that letters are letters. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** What was pressed, as it is written in `Key.keys`. */
export function pressed(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey ? 'Ctrl+' : ''
  const key = event.key === ' ' ? 'Space' : event.key
  return control + (control === '' ? key : key.toLowerCase())
}

let first = { key: '', at: 0 }

function onKeyDown(event: KeyboardEvent) {
  if (event.defaultPrevented || event.altKey) return
  const now = pressed(event)
  if (isWriting(event.target) && !now.startsWith('Ctrl+')) return
  const isInTime = event.timeStamp - first.at < PATIENCE_MS
  const wanted = isInTime && first.key !== '' ? [`${first.key} ${now}`, now] : [now]
  // What came last is nearest to the person: keys of a panel before those of the page below it.
  const all = groups.flatMap((it) => it.keys).reverse()
  for (const keys of wanted) {
    const found = all.find((it) => it.keys === keys)
    if (found === undefined) continue
    first = { key: '', at: 0 }
    event.preventDefault()
    found.do(event)
    return
  }
  first = { key: now, at: event.timeStamp }
}

/** Begins to listen; once, by the frame. */
export function useKeyboard() {
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}
