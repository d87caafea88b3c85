/** A value over time as one line: readable by mouse, by arrow keys and, as a table, by screen readers. */
import { useId, useLayoutEffect, useRef, useState } from 'react'
import { date, instant } from '#/util/format'
import css from './charts.module.css'

export interface TrendPoint {
  /** An instant, RFC 3339. */
  at: string
  value: number
}

const edge = { left: 36, right: 12, top: 10, bottom: 22 }

/** The lowest and highest line of the grid: round numbers around the values, within `range` where that is given. */
export function bounds(values: readonly number[], range?: readonly [number, number]): [number, number] {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-9, Math.abs(high) / 20, 1)))
  const from = Math.floor(low / step) * step
  const to = Math.ceil(high / step) * step
  const wide: [number, number] = to > from ? [from, to] : [from, from + step]
  return range ? [Math.max(range[0], wide[0]), Math.min(range[1], Math.max(wide[1], range[0] + step))] : wide
}

/** The point whose instant is nearest to a place between 0 (first) and 1 (last). */
function nearest(points: readonly TrendPoint[], share: number): number {
  const first = Date.parse(points[0]?.at ?? '')
  const last = Date.parse(points.at(-1)?.at ?? '')
  const wanted = first + share * (last - first)
  let best = 0
  points.forEach((point, index) => {
    const before = Math.abs(Date.parse(points[best]?.at ?? '') - wanted)
    if (Math.abs(Date.parse(point.at) - wanted) < before) best = index
  })
  return best
}

/** Draws `points` (in order of time) as a stepped line: a value holds until the next one is known. */
export function TrendLine({
  points,
  label,
  height = 140,
  range,
  format = (value) => value.toLocaleString(),
}: {
  points: readonly TrendPoint[]
  /** What the line shows: "Secure score in percent". */
  label: string
  height?: number
  /** Values that the scale never leaves, such as 0 and 100. */
  range?: readonly [number, number]
  format?: (value: number) => string
}) {
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
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last) return <p>Nothing is known yet.</p>

  const [from, to] = bounds(
    points.map((it) => it.value),
    range,
  )
  const [start, end] = [Date.parse(first.at), Date.parse(last.at)]
  const inner = Math.max(width - edge.left - edge.right, 1)
  const x = (point: TrendPoint) =>
    edge.left + (end > start ? (Date.parse(point.at) - start) / (end - start) : 1) * inner
  const y = (value: number) =>
    edge.top + (1 - (value - from) / (to - from)) * (height - edge.top - edge.bottom)
  const path = points
    .map((it, n) => (n === 0 ? `M${edge.left} ${y(it.value)}H${x(it)}` : `H${x(it)}V${y(it.value)}`))
    .join('')
  const shown = at === undefined ? undefined : points[at]
  const move = (by: number) =>
    setAt((now) => Math.min(points.length - 1, Math.max(0, (now ?? points.length) + by)))
  const change = last.value - first.value
  const words = `${label}: ${format(first.value)} on ${date(first.at)}, ${format(last.value)} on ${date(last.at)}, ${
    change === 0 ? 'unchanged' : change > 0 ? `up by ${format(change)}` : `down by ${format(-change)}`
  }`
  return (
    <div className={css.trend} ref={box}>
      <div
        role="slider"
        tabIndex={0}
        className={css.plot}
        aria-label={words}
        aria-valuemin={0}
        aria-valuemax={points.length - 1}
        aria-valuenow={at ?? points.length - 1}
        aria-valuetext={`${format((shown ?? last).value)}, ${instant((shown ?? last).at)}`}
        aria-describedby={id}
        onPointerMove={(event) => {
          const left = event.currentTarget.getBoundingClientRect().left + edge.left
          setAt(nearest(points, (event.clientX - left) / inner))
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
          {[from, (from + to) / 2, to].map((value) => (
            <g key={value}>
              <line className={css.grid} x1={edge.left} x2={edge.left + inner} y1={y(value)} y2={y(value)} />
              <text className={css.axis} x={edge.left - 6} y={y(value) + 4} textAnchor="end">
                {format(value)}
              </text>
            </g>
          ))}
          <text className={css.axis} x={edge.left} y={height - 4}>
            {date(first.at)}
          </text>
          {end > start && (
            <text className={css.axis} x={edge.left + inner} y={height - 4} textAnchor="end">
              {date(last.at)}
            </text>
          )}
          <path className={css.line} d={path} />
          {shown && (
            <line
              className={css.cursor}
              x1={x(shown)}
              x2={x(shown)}
              y1={edge.top}
              y2={height - edge.bottom}
            />
          )}
          <circle className={css.dot} cx={x(shown ?? last)} cy={y((shown ?? last).value)} r="4" />
        </svg>
      </div>
      {shown && (
        <div
          className={css.tip}
          style={x(shown) > width / 2 ? { right: width - x(shown) + 8 } : { left: x(shown) + 8 }}
        >
          <strong>{format(shown.value)}</strong> {instant(shown.at)}
        </div>
      )}
      <span id={id} className={css.hidden}>
        Arrow keys go through the points.
      </span>
    </div>
  )
}
