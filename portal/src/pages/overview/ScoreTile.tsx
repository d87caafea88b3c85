import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { explain } from '#/api/errors'
import { scoreTrendQuery } from '#/api/queries/overview'
import { Anchor } from '#/ui/Anchor'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { TrendLine } from '#/ui/TrendLine'
import { space, tokens } from '#/ui/tokens'
import { point } from '#/util/format'
import { paths } from '#/util/paths'
import { Tile } from './Tile'

const useStyles = makeStyles({
  figures: { display: 'flex', alignItems: 'baseline', columnGap: space.m, flexWrap: 'wrap' },
  percent: { fontSize: '40px', lineHeight: '48px', fontWeight: 600, letterSpacing: '-0.02em' },
  second: { fontSize: '24px', lineHeight: '32px', fontWeight: 600 },
  unit: { fontSize: '20px', fontWeight: 400, color: tokens.colorNeutralForeground3 },
  quiet: {
    color: tokens.colorNeutralForeground3,
    fontSize: '13px',
    '& a': { textDecorationLine: 'underline' },
  },
})

/** The secure score: where it is, and how it went. */
export function ScoreTile(props: {
  /** Null where nothing was judged; not known while it is asked for, and when that failed. */
  of: { score: Schemas['Score'] | null; isKnown: boolean; error: unknown }
  scope: string | undefined
  /** The score by risk, where it is known: over all that the caller sees. */
  risk?: Schemas['RiskScore'] | undefined
  className?: string
}) {
  const { scope, risk, className } = props
  const { score, isKnown, error } = props.of
  const styles = useStyles()
  const trend = useQuery(scoreTrendQuery(scope))
  return (
    <Tile
      title="Secure score"
      {...(className === undefined ? {} : { className })}
      foot={<Anchor href={paths.score()}>How it is made, and what would raise it</Anchor>}
    >
      <div className={styles.figures}>
        <Anchor href={paths.score()} plain className={styles.percent}>
          {score === null ? '–' : point(score.percent)}
          <span className={styles.unit}> %</span>
        </Anchor>
        <span className={styles.quiet}>
          {!isKnown
            ? (error ?? null) === null
              ? ' '
              : `The score could not be had. ${explain(error).detail}`
            : score === null
              ? 'Nothing was judged yet.'
              : `${point(score.current)} of ${point(score.max)} points, on ${point(score.assessedPercent)} % of what is to judge`}
        </span>
      </div>
      {typeof risk?.percent === 'number' ? (
        <div className={styles.figures}>
          <Anchor href={paths.recommendations()} plain className={styles.second}>
            {point(risk.percent)}
            <span className={styles.quiet}> %</span>
          </Anchor>
          <span className={styles.quiet}>
            by risk: how far what is open lies from what matters
            {risk.knownAsOf === undefined || risk.knownAsOf === null ? '; paths are still worked out' : ''}
          </span>
        </div>
      ) : null}
      <Shown of={trend} rows={2}>
        {(points) => <Trend points={points} />}
      </Shown>
    </Tile>
  )
}

function Trend({ points }: { points: readonly Schemas['TrendPoint'][] }) {
  const styles = useStyles()
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return null
  if (points.length === 1) {
    return (
      <p className={styles.quiet}>
        Unchanged since <Time at={first.at} />: the next change draws a line here.
      </p>
    )
  }
  const before = points.at(-2) ?? first
  const step = last.percent - before.percent
  return (
    <>
      <TrendLine
        label="Secure score in percent"
        points={points.map((it) => ({ at: it.at, value: it.percent }))}
        range={[0, 100]}
        height={96}
        format={(value) => `${point(value)} %`}
      />
      <p className={styles.quiet}>
        {step === 0 ? 'Unchanged' : `${step > 0 ? '+' : '−'}${point(Math.abs(step))} points of a hundred`}{' '}
        with <Anchor href={paths.changes()}>commit {last.sequence}</Anchor>, <Time at={last.at} />
      </p>
    </>
  )
}
