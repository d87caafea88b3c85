/** How many there were of each severity over time, stacked: readable by mouse, by arrow keys and by screen readers. */
import { useId, useLayoutEffect, useRef, useState } from 'react'
import { count, date, instant } from '#/util/format'
import css from './charts.module.css'
import { severities, Severity, severityWord } from './Severity'

export type RiskPoint = {
  /** An instant, RFC 3339. */
  at: string
} & Record<(typeof severities)[number], number>

const edge = { left: 36, right: 12, top: 10, bottom: 22 }

const sum = (of: RiskPoint): number => severities.reduce((all, it) => all + of[it], 0)

/** The top of the scale: a round number that halves well. */
export const topOf = (points: readonly RiskPoint[]): number => {
  const most = Math.max(2, ...points.map(sum))
  const step = 10 ** Math.max(0, Math.floor(Math.log10(most)) - 1) * 2
  return Math.ceil(most / step) * step
}

/** What there was, in words: "3 critical, 1 low". */
export const words = (of: RiskPoint): string =>
  severities
    .filter((it) => of[it] > 0)
    .map((it) => `${count(of[it])} ${severityWord(it).toLowerCase()}`)
    .join(', ') || 'none'

/** Draws `points` (in order of time): what was counted holds until the next point, the last one until `until`. */
export function RiskTrend(props: {
  points: readonly RiskPoint[]
  /** What is counted: "Open attack paths". */
  label: string
  until: string
  height?: number
}) {
  const { points, label, until, height = 140 } = props
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(480)
  const [at, setAt] = useState<number>()
  const id = useId()
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const watch = new ResizeObserver(() => setWidth(element.clientWidth))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return <p>Nothing is known yet.</p>

  const start = Date.parse(first.at)
  const end = Math.max(Date.parse(until), Date.parse(last.at), start + 1)
  const top = topOf(points)
  const inner = Math.max(width - edge.left - edge.right, 1)
  const x = (instantOf: string) => edge.left + ((Date.parse(instantOf) - start) / (end - start)) * inner
  const y = (value: number) => edge.top + (1 - value / top) * (height - edge.top - edge.bottom)
  const right = edge.left + inner
  /** The area between the sums below a severity and those with it. */
  const area = (place: number): string => {
    const upTo = (point: RiskPoint, n: number) =>
      severities.slice(severities.length - n).reduce((all, it) => all + point[it], 0)
    const line = (n: number) => points.map((it) => ({ x: x(it.at), y: y(upTo(it, n)) }))
    const above = line(place + 1)
    const below = line(place)
    const go = above.map((it, n) => (n === 0 ? `M${it.x} ${it.y}` : `H${it.x}V${it.y}`)).join('')
    const back = below
      .map((it, n) => ({ y: it.y, to: n === 0 ? edge.left : it.x }))
      .reverse()
      .map((it) => `V${it.y}H${it.to}`)
      .join('')
    return `${go}H${right}${back}Z`
  }
  const shown = at === undefined ? undefined : points[at]
  const move = (by: number) =>
    setAt((now) => Math.min(points.length - 1, Math.max(0, (now ?? points.length) + by)))
  const name = `${label}: ${words(first)} on ${date(first.at)}, ${words(last)} since ${date(last.at)}`
  return (
    <div className={css.trend} ref={box}>
      <div
        role="slider"
        tabIndex={0}
        className={css.plot}
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={points.length - 1}
        aria-valuenow={at ?? points.length - 1}
        aria-valuetext={`${words(shown ?? last)}, ${instant((shown ?? last).at)}`}
        aria-describedby={id}
        onPointerMove={(event) => {
          const left = event.currentTarget.getBoundingClientRect().left + edge.left
          const wanted = start + ((event.clientX - left) / inner) * (end - start)
          // What held at that instant: the last point that is not behind it.
          setAt(
            Math.max(
              0,
              points.findLastIndex((it) => Date.parse(it.at) <= wanted),
            ),
          )
        }}
        onPointerLeave={() => setAt(undefined)}
        onBlur={() => setAt(undefined)}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length }[event.key]
          if (by === undefined) return
          event.preventDefault()
          move(by)
        }}
      >
        <svg height={height} aria-hidden="true">
          {[0, top / 2, top].map((value) => (
            <g key={value}>
              <line className={css.grid} x1={edge.left} x2={right} y1={y(value)} y2={y(value)} />
              <text className={css.axis} x={edge.left - 6} y={y(value) + 4} textAnchor="end">
                {count(value)}
              </text>
            </g>
          ))}
          <text className={css.axis} x={edge.left} y={height - 4}>
            {date(first.at)}
          </text>
          <text className={css.axis} x={right} y={height - 4} textAnchor="end">
            {date(new Date(end).toISOString())}
          </text>
          {severities.map((it, n) => (
            <path key={it} className={`${css.area} ${css[it]}`} d={area(severities.length - 1 - n)} />
          ))}
          {shown && (
            <line
              className={css.cursor}
              x1={x(shown.at)}
              x2={x(shown.at)}
              y1={edge.top}
              y2={height - edge.bottom}
            />
          )}
        </svg>
      </div>
      {shown && (
        <div
          className={css.tip}
          style={x(shown.at) > width / 2 ? { right: width - x(shown.at) + 8 } : { left: x(shown.at) + 8 }}
        >
          <strong>{words(shown)}</strong> {instant(shown.at)}
        </div>
      )}
      <ul className={css.legend} aria-hidden="true">
        {severities.map((it) => (
          <li key={it}>
            <Severity value={it} /> {count((shown ?? last)[it])}
          </li>
        ))}
      </ul>
      <span id={id} className={css.hidden}>
        Arrow keys go through the points.
      </span>
    </div>
  )
}
