// What the API says by word, as people say it.
import type { Classification } from '#/api/queries/critical'
import type { CriticalityName } from '#/ui/Criticality'
import type { DecisionState } from './search'

export const assetWords: Record<Classification['assets'], string> = {
  device: 'Devices',
  identity: 'Identities',
  cloudResource: 'Cloud resources',
}
export const assetTypes = ['cloudResource', 'identity', 'device'] as const

/** What a level is for, so that two people give the same one. */
export const levelMeans: Record<CriticalityName, string> = {
  veryHigh:
    'Whoever has it has the business: domain controllers, tenant administrators, root keys, back-ups.',
  high: 'Its loss stops something that customers see, or opens what does: production data, build systems.',
  medium: 'Its loss hurts a team or a product for a time.',
  low: 'Worth more than others of its kind, but it can be replaced.',
}

export const decisionWords: Record<DecisionState, string> = {
  undecided: 'Not decided',
  critical: 'Critical',
  notCritical: 'Not critical',
}

export const originWords = { own: 'You', merlon: 'Merlon' } as const
export const stateWords = { on: 'On', off: 'Off', review: 'Only for review' } as const

export const originOf = (it: Classification): keyof typeof originWords => (it.own ? 'own' : 'merlon')
export const stateOf = (it: Classification): keyof typeof stateWords =>
  !it.on ? 'off' : it.review ? 'review' : 'on'

/** The clouds of what it looks at; of a label all. */
export const cloudsOf = (it: Classification): readonly string[] => [
  ...new Set(it.kinds.map((kind) => kind.split('.')[0] ?? kind)),
]
