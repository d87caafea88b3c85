// The requirements of a standard as a tree of chapters, narrowed by state and words.
import type { Schemas } from '#/api/client'
import type { StandardSearch } from './search'

type Requirement = Schemas['Requirement']

export interface Family {
  name: string
  requirements: readonly Requirement[]
}

/** Whether a requirement fits the address: all words must be in its number, title or chapter. */
function fits(it: Requirement, search: StandardSearch): boolean {
  if (search.state !== undefined && !search.state.includes(it.state)) return false
  const text = `${it.id} ${it.title} ${it.family}`.toLowerCase()
  return (search.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** The chapters in the order of the standard, each with those of its requirements that fit. */
export function families(requirements: readonly Requirement[], search: StandardSearch): Family[] {
  const found = new Map<string, Requirement[]>()
  for (const it of requirements) {
    if (!fits(it, search)) continue
    const before = found.get(it.family)
    if (before === undefined) found.set(it.family, [it])
    else before.push(it)
  }
  return [...found].map(([name, kept]) => ({ name, requirements: kept }))
}
