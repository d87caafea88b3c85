/** Charts: bars to compare, lines for what changes over time, nothing else. */
import css from './charts.module.css'

/** A share as a bar with its words: `part` of `whole`. The colour says nothing that the words do not say. */
export function Bar({
  part,
  whole,
  label,
  tone = 'accent',
}: {
  part: number
  whole: number
  /** What it measures, for screen readers: "Storage accounts with encryption". */
  label: string
  tone?: 'accent' | 'unhealthy' | 'healthy' | 'unknown'
}) {
  const share = whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0
  return (
    <span
      className={css.bar}
      role="img"
      aria-label={`${label}: ${part.toLocaleString()} of ${whole.toLocaleString()}`}
    >
      <span className={`${css.fill} ${css[tone]}`} style={{ width: `${share * 100}%` }} />
    </span>
  )
}

/** Several parts of one whole in one bar, each with its name and number for screen readers and on hover. */
export function Stack({
  parts,
  label,
}: {
  parts: ReadonlyArray<{ name: string; value: number; tone: 'unhealthy' | 'unknown' | 'healthy' | 'rest' }>
  label: string
}) {
  const whole = parts.reduce((sum, it) => sum + it.value, 0)
  const words = parts.map((it) => `${it.value.toLocaleString()} ${it.name}`).join(', ')
  return (
    <span className={css.bar} role="img" aria-label={`${label}: ${words}`} title={words}>
      {parts.map((it) =>
        it.value === 0 ? null : (
          <span
            key={it.name}
            className={`${css.fill} ${css[it.tone]}`}
            style={{ width: `${(it.value / whole) * 100}%` }}
          />
        ),
      )}
    </span>
  )
}
