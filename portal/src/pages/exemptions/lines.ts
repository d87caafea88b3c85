// What exemptions are about in words, and which of them fit the address.
import type { Schemas } from '#/api/client'
import type { ExemptionState, ExemptionsSearch } from './search'

type Exemption = Schemas['Exemption']

const SOON_MS = 14 * 86_400_000

/** Whether it counts now, ends within two weeks, or has ended. */
export function stateOf(it: Exemption, now: number): ExemptionState {
  if (!it.active) return 'ended'
  const until = it.until === undefined || it.until === null ? Number.POSITIVE_INFINITY : Date.parse(it.until)
  return until - now < SOON_MS ? 'ending' : 'active'
}

/** What it is recorded for: the id of a check or a control, or nothing in particular. */
export function targetOf(target: Schemas['Target']): { check?: string; control?: string } {
  if (target === 'everything') return {}
  return 'check' in target ? { check: target.check } : { control: target.control }
}

/** Where it counts: the id of a resource or a scope, or everywhere. */
export function placeOf(place: Schemas['Place']): { resource?: string; scope?: string } {
  if (place === 'everywhere') return {}
  return 'resource' in place ? { resource: place.resource } : { scope: place.scope }
}

/** The exemptions that fit; those that are ending are active, too. */
export function fitting(all: readonly Exemption[], search: ExemptionsSearch, now: number): Exemption[] {
  const words = (search.q ?? '').toLowerCase().split(/\s+/)
  return all.filter((it) => {
    const state = stateOf(it, now)
    const isState =
      search.state === undefined ||
      state === search.state ||
      (search.state === 'active' && state === 'ending')
    const text = [
      ...Object.values(targetOf(it.target)),
      ...Object.values(placeOf(it.place)),
      it.reason,
      it.approver,
    ]
      .join(' ')
      .toLowerCase()
    return isState && words.every((word) => text.includes(word))
  })
}
