// A classification while it is written.
import type { Classification, NewClassification } from '#/api/queries/critical'
import type { CriticalityName } from '#/ui/Criticality'

export interface Draft {
  title: string
  description: string
  assets: NewClassification['assets']
  /** Kinds that it looks at; none where there is a label. */
  kinds: readonly string[]
  /** A label of kinds across clouds; empty where there are kinds. */
  label: string
  where: string
  level: CriticalityName
  review: boolean
}

export const empty: Draft = {
  title: '',
  description: '',
  assets: 'cloudResource',
  kinds: [],
  label: '',
  where: '',
  level: 'high',
  review: false,
}

/** One that is there, to be changed or to begin from. */
export function draftOf(it: Classification): Draft {
  return {
    title: it.title,
    description: it.description,
    assets: it.assets,
    kinds: it.kinds,
    label: it.label ?? '',
    where: it.where,
    level: it.ownLevel,
    review: it.review,
  }
}

/** As the API wants it. */
export function written(draft: Draft): NewClassification {
  return {
    title: draft.title.trim(),
    description: draft.description.trim(),
    assets: draft.assets,
    ...(draft.label === '' ? { kinds: [...draft.kinds] } : { label: draft.label }),
    where: draft.where.trim(),
    level: draft.level,
    review: draft.review,
  }
}

/** An id that no other has: `own.` and the words of the title. */
export function idFor(title: string, taken: ReadonlySet<string>): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80)
  const base = `own.${words === '' ? 'classification' : words}`
  let id = base
  for (let n = 2; taken.has(id); n += 1) id = `${base}-${n}`
  return id
}

/** What is missing before it can be tried, in a sentence; empty when nothing is. */
export function lacksToTry(draft: Draft): string {
  if (draft.kinds.length === 0 && draft.label === '') return 'Choose what it looks at.'
  if (draft.where.trim() === '') return 'Say when it holds.'
  return ''
}

/** What is missing on a step before one can go on, in a sentence; empty when nothing is. */
export function lacks(draft: Draft, step: number): string {
  switch (step) {
    case 1:
      return draft.title.trim() === '' ? 'Give it a name.' : ''
    case 2:
      return lacksToTry(draft)
    default:
      return ''
  }
}

/** The step that can be shown: no later than the first that lacks something. */
export function stepOf(draft: Draft, asked: number): number {
  for (let step = 1; step < asked; step += 1) {
    if (lacks(draft, step) !== '') return step
  }
  return asked
}
