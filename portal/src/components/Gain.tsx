// How far the score moves, in points of 100.
import type { Schemas } from '#/api/client'
import { point } from '#/util/format'
import css from './gain.module.css'

/** `+0.3`. A gain too small to show is said to be one; none is a dash. */
export function Gain({ points }: { points: number }) {
  if (points <= 0) return <span className={css.none}>–</span>
  return <span className={css.gain}>{points < 0.05 ? '< +0.1' : `+${point(points)}`}</span>
}

const percent = (score: Schemas['Score'] | null | undefined): string =>
  score === undefined || score === null ? 'no score' : `${point(score.percent)} %`

/** `52.1 % → 52.6 %`, with the difference as words for screen readers. */
export function ScoreChange({
  before,
  after,
}: {
  before?: Schemas['Score'] | null
  after?: Schemas['Score'] | null
}) {
  const by = (after?.percent ?? 0) - (before?.percent ?? 0)
  const isSame = Math.abs(by) < 0.05
  return (
    <span className={css.change}>
      <span className={css.before}>{percent(before)}</span>
      <span aria-label="becomes">→</span>
      <strong>{percent(after)}</strong>
      {before && after ? (
        <span className={by < 0 ? css.worse : by > 0 ? css.gain : css.none}>
          {isSame ? (by === 0 ? 'no change' : by > 0 ? 'less than +0.1' : 'less than −0.1') : signed(by)}
        </span>
      ) : null}
    </span>
  )
}

const signed = (by: number): string => (by < 0 ? `−${point(-by)}` : `+${point(by)}`)
