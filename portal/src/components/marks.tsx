// Small parts of lists that know what the API says.
import type { Schemas } from '#/api/client'
import { Severity, severities, severityWord, VisuallyHidden } from '#/ui/Severity'
import { count } from '#/util/format'
import css from './marks.module.css'

/** How many open problems of each severity, the worst first; severities without any are left out. */
export function OpenCounts({ counts }: { counts: Schemas['OpenCounts'] }) {
  const present = severities.filter((it) => counts[it] > 0)
  if (present.length === 0) return <span className={css.none}>–</span>
  return (
    <span className={css.counts}>
      {present.map((it) => (
        <span key={it} className={css.count} title={`${count(counts[it])} ${severityWord(it).toLowerCase()}`}>
          <Severity value={it} quiet />
          <span aria-hidden="true">{count(counts[it])}</span>
          <VisuallyHidden>{`: ${count(counts[it])}`}</VisuallyHidden>
        </span>
      ))}
    </span>
  )
}

/** Tags as `key=value`, as many as there is room for; all of them on hover. */
export function Tags({ tags }: { tags: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(tags).map(([key, value]) =>
    value === '' || value === null ? key : `${key}=${String(value)}`,
  )
  if (entries.length === 0) return <span className={css.none}>–</span>
  return (
    <span className={css.tags} title={entries.join('\n')}>
      {entries.map((it) => (
        <span key={it} className={css.tag}>
          {it}
        </span>
      ))}
    </span>
  )
}
