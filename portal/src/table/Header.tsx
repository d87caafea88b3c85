// The heads of the columns: they sort, and their edges change the width.
import { mergeClasses } from '@fluentui/react-components'
import { type CSSProperties, type PointerEvent, useEffect, useRef } from 'react'
import type { Column, Layout } from './columns'
import type { Sort } from './Table'
import css from './table.module.css'

/** What a press on a head sorts by: the other way round where it is sorted by this column already. */
export function nextSort<Row>(column: Column<Row>, sort: Sort | undefined): Sort {
  const by = column.sort ?? column.key
  return sort?.by === by ? { by, reverse: !sort.reverse } : { by, reverse: column.reverse ?? false }
}

function goesUp<Row>(column: Column<Row>, sort: Sort): boolean {
  return sort.reverse === (column.down ?? false)
}

export function Header<Row>(props: {
  layout: Layout<Row>
  style: CSSProperties | undefined
  /** Cards have no heads to see; screen readers hear them. */
  hidden: boolean
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
  selection: boolean | 'mixed' | undefined
  onSelect: ((all: boolean) => void) | undefined
}) {
  const { layout, sort, onSort, selection, onSelect } = props
  return (
    <div role="rowgroup" className={mergeClasses(css.heads, props.hidden && css.unseen)}>
      <div role="row" aria-rowindex={1} className={css.head} style={props.style}>
        {selection === undefined ? null : (
          <div role="columnheader" className={css.tick}>
            <Tick state={selection} onChange={(all) => onSelect?.(all)} />
          </div>
        )}
        {layout.shown.map((it) => {
          const sorted = it.sort !== undefined && sort?.by === it.sort
          return (
            <div
              key={it.key}
              role="columnheader"
              aria-label={it.title}
              aria-sort={sorted ? (goesUp(it, sort) ? 'ascending' : 'descending') : undefined}
              className={mergeClasses(css.title, it.end === true && css.end)}
            >
              {it.sort === undefined || onSort === undefined ? (
                <span className={css.words}>{it.title}</span>
              ) : (
                <button
                  type="button"
                  tabIndex={props.hidden ? -1 : 0}
                  className={mergeClasses(css.words, css.sorts)}
                  onClick={() => onSort(nextSort(it, sort))}
                >
                  {it.title}
                  {sorted ? <Arrow up={goesUp(it, sort)} /> : null}
                </button>
              )}
              {props.hidden ? null : <Edge column={it} layout={layout} />}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Tick({ state, onChange }: { state: boolean | 'mixed'; onChange: (all: boolean) => void }) {
  const ref = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (ref.current !== null) ref.current.indeterminate = state === 'mixed'
  }, [state])
  return (
    <input
      ref={ref}
      type="checkbox"
      checked={state === true}
      aria-label="Select the rows in view"
      onChange={() => onChange(state !== true)}
    />
  )
}

function Arrow({ up }: { up: boolean }) {
  return (
    <svg
      width="10"
      height="10"
      viewBox="0 0 10 10"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      <path d={up ? 'M2 6.5 5 3.5l3 3' : 'M2 3.5 5 6.5l3-3'} />
    </svg>
  )
}

/** The edge of a head: dragged, or moved by arrow keys, it changes the width of the column. */
function Edge<Row>({ column, layout }: { column: Column<Row>; layout: Layout<Row> }) {
  const start = useRef<{ x: number; width: number }>(undefined)
  const begin = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    const width = event.currentTarget.parentElement?.offsetWidth ?? layout.width(column)
    start.current = { x: event.clientX, width }
  }
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${column.title}`}
      aria-valuenow={layout.width(column)}
      aria-valuemin={48}
      aria-valuemax={1200}
      className={css.edge}
      onPointerDown={begin}
      onPointerMove={(event) => {
        if (start.current !== undefined)
          layout.resize(column.key, start.current.width + event.clientX - start.current.x)
      }}
      onPointerUp={() => {
        start.current = undefined
      }}
      onDoubleClick={() => layout.resize(column.key, column.width)}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -16 : event.key === 'ArrowRight' ? 16 : 0
        if (by === 0) return
        event.preventDefault()
        event.stopPropagation()
        layout.resize(column.key, layout.width(column) + by)
      }}
    />
  )
}
