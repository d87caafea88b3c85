// From what a person chose in the dialog to the exemptions that the API is asked for.
import type { Schemas } from '#/api/client'

export const ends = ['7', '30', '90', '365', 'date', 'never'] as const
export type End = (typeof ends)[number]

export type Where = 'resources' | 'scope' | 'everywhere'

/** The dialog as it stands. */
export interface Draft {
  category: Schemas['Category']
  where: Where
  scope: string
  reason: string
  approver: string
  /** Links and ticket numbers, a line each. */
  evidence: string
  end: End
  /** `2026-12-24`, with `end` = `date`. */
  date: string
}

export interface Named {
  id: string
  name: string
}

const DAY = 86_400_000

/** The instant at which it ends; null for never, undefined while no date was chosen or it is past. */
export function endOf(draft: Pick<Draft, 'end' | 'date'>, now: number): string | null | undefined {
  if (draft.end === 'never') return null
  if (draft.end !== 'date') return new Date(now + Number(draft.end) * DAY).toISOString()
  const at = Date.parse(`${draft.date}T23:59:59`)
  return Number.isNaN(at) || at <= now ? undefined : new Date(at).toISOString()
}

/** The places that the exemption is for; none while a scope is yet to be chosen. */
export function placesOf(
  draft: Pick<Draft, 'where' | 'scope'>,
  resources: readonly Named[],
): Schemas['Place'][] {
  switch (draft.where) {
    case 'everywhere':
      return ['everywhere']
    case 'scope':
      return draft.scope === '' ? [] : [{ scope: draft.scope }]
    case 'resources':
      return resources.map((it) => ({ resource: it.id }))
  }
}

/** What is to be recorded: one exemption for each place and check. Empty while something is missing. */
export function wishesOf(
  draft: Draft,
  checks: readonly { id: string }[],
  resources: readonly Named[],
  now: number,
): Schemas['NewExemption'][] {
  const until = endOf(draft, now)
  if (until === undefined) return []
  const evidence = draft.evidence
    .split('\n')
    .map((it) => it.trim())
    .filter((it) => it !== '')
  return checks.flatMap((check) =>
    placesOf(draft, resources).map((place) => ({
      category: draft.category,
      place,
      target: { check: check.id },
      reason: draft.reason.trim(),
      approver: draft.approver.trim(),
      evidence,
      until,
    })),
  )
}

/** The same for a preview: the words do not matter for it, so that typing them asks nothing. */
export function previewOf(wish: Schemas['NewExemption']): Schemas['NewExemption'] {
  return { ...wish, reason: '-', approver: '-', evidence: [], until: null }
}

/** What is still missing before it can be recorded, as a person would say it; empty when nothing is. */
export function missing(draft: Draft, resources: readonly Named[], now: number): string {
  if (placesOf(draft, resources).length === 0) return 'Choose where it counts.'
  if (endOf(draft, now) === undefined) return 'Choose a day that is yet to come.'
  if (draft.reason.trim() === '') return 'Say why.'
  if (draft.approver.trim() === '') return 'Say who decided.'
  return ''
}
