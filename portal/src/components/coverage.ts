// What was not read, in words and in the order in which it matters.
import type { Schemas } from '#/api/client'
import { count, counted } from '#/util/format'

/** How completely scopes were read, as a person would say it. */
export function coverageWords({ full, partly, none }: Schemas['CoverageTotals']): string {
  const all = full + partly + none
  if (all === 0) return 'Nothing was read yet.'
  if (full === all) return `${counted(all, 'scope')} ${all === 1 ? 'was' : 'were'} read to the end.`
  const parts = [
    `${full === 0 ? 'none' : count(full)} ${full > 1 ? 'were' : 'was'} read to the end`,
    ...(partly > 0 ? [`${count(partly)} in part`] : []),
    ...(none > 0 ? [`${count(none)} not at all`] : []),
  ]
  return `Of ${counted(all, 'scope')} ${parts.join(', ')}.`
}

/** Something that was not read, and where. */
export interface Gap {
  scope: string
  scopeName: string
  kind: string
  title: string
  /** What was asked for; empty: the whole. */
  what: string
  reason: string
  /** Assessments that are unknown because of it. */
  assessments: number
}

/** All gaps, those that keep the most assessments from a verdict first. */
export function gapsOf(scopes: readonly Schemas['CoveredScope'][]): Gap[] {
  const all = scopes.flatMap(({ scope, name, kinds }) =>
    kinds.flatMap(({ kind, title, gaps }) =>
      gaps.map((it) => ({ ...it, scope, scopeName: name, kind, title })),
    ),
  )
  return all.sort((a, b) => b.assessments - a.assessments || a.title.localeCompare(b.title))
}
