// What changes while one looks: counted, and shown when one asks. Nothing on a page jumps by itself.
import { useSyncExternalStore } from 'react'
import { queryClient } from '#/query-client'

/** A change that comes so soon after something that this person did is theirs: it is shown at once. */
const OWN_MS = 4000

let waiting = 0
let ownUntil = 0
let last: string | null = null
let source: EventSource | null = null
const listeners = new Set<() => void>()

function set(next: number) {
  waiting = next
  for (const listener of listeners) listener()
}

/** Shows what has changed: asks for everything on the page again. */
export function showChanges() {
  set(0)
  void queryClient.invalidateQueries()
}

function onChange(event: MessageEvent) {
  last = event.lastEventId
  if (Date.now() < ownUntil || queryClient.isMutating() > 0) showChanges()
  else set(waiting + 1)
}

/** Attack paths over time are worked out some seconds behind a change: who has seen that one need not ask again. */
function onPaths() {
  if (waiting > 0) return
  for (const key of ['list_attack_path_history', 'get_attack_path_trend', 'list_attack_paths']) {
    void queryClient.invalidateQueries({ queryKey: [key] })
  }
}

function open() {
  if (source !== null) return
  source = new EventSource('/api/v1/events')
  source.addEventListener('change', onChange)
  source.addEventListener('paths', onPaths)
  // The server ends streams now and then, and a hidden tab has none: what came in between is asked for.
  source.addEventListener('open', () => void catchUp())
}

function close() {
  source?.close()
  source = null
}

/** Counts what changed while nobody listened. */
async function catchUp() {
  const seen = last
  const headers = { accept: 'application/json' }
  const answer = await fetch('/api/v1/changes?limit=1', { headers }).catch(() => null)
  const now = answer?.headers.get('merlon-as-of') ?? null
  // An event that came while this was asked has counted itself.
  if (now === null || last !== seen) return
  if (seen !== null && Number(now) > Number(seen)) set(waiting + Number(now) - Number(seen))
  last = now
}

/** A tab that nobody looks at gives its connection back: browsers have few of them. */
function onVisibility() {
  if (document.hidden) close()
  else open()
}

queryClient.getMutationCache().subscribe((event) => {
  if (event.type === 'updated' && event.mutation.state.status === 'success') ownUntil = Date.now() + OWN_MS
})

function subscribe(listener: () => void) {
  if (listeners.size === 0) {
    document.addEventListener('visibilitychange', onVisibility)
    onVisibility()
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    document.removeEventListener('visibilitychange', onVisibility)
    close()
  }
}

/** How many changes there were since the page was read. */
export const useWaitingChanges = (): number => useSyncExternalStore(subscribe, () => waiting)
