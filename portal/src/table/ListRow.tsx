// One row of a table, as columns or as a card.
import { mergeClasses } from '@fluentui/react-components'
import {
  type CSSProperties,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
} from 'react'
import type { Column } from './columns'
import css from './table.module.css'

interface ListRowProps<Row> {
  index: number
  top: number
  height: number
  row: Row | undefined
  columns: readonly Column<Row>[]
  cards: boolean
  style: CSSProperties | undefined
  isActive: boolean
  wantsFocus: RefObject<boolean>
  isOpened: boolean
  isSelected: boolean | undefined
  onOpen: ((row: Row, follows: boolean) => void) | undefined
  onActive: (index: number) => void
  onToggle: (row: Row) => void
  actions: ((row: Row) => ReactNode) | undefined
}

/** Whether a press was meant for something inside the row, or marked text. */
function isForSomethingElse(event: MouseEvent<HTMLElement>): boolean {
  const target = event.target
  if (target instanceof Element && target.closest('a, button, input, label, [role="menuitem"]') !== null)
    return true
  return (document.getSelection()?.toString() ?? '') !== ''
}

/** A row. [`Table`] keeps it from being drawn again while nothing of it changed. */
export function ListRow<Row>(props: ListRowProps<Row>) {
  const { row, index, isActive, wantsFocus, onOpen, onActive } = props
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isActive || !wantsFocus.current) return
    wantsFocus.current = false
    ref.current?.focus({ preventScroll: true })
  }, [isActive, wantsFocus])
  // Tab goes from the list to what is in its active row, not through the links of all rows.
  useLayoutEffect(() => {
    for (const inner of ref.current?.querySelectorAll<HTMLElement>('a, button, input') ?? []) {
      inner.tabIndex = isActive ? 0 : -1
    }
  })
  return (
    <div
      ref={ref}
      role="row"
      tabIndex={isActive ? 0 : -1}
      aria-rowindex={index + 2}
      aria-selected={props.isSelected}
      aria-current={props.isOpened ? 'true' : undefined}
      aria-busy={row === undefined ? true : undefined}
      className={mergeClasses(css.row, onOpen !== undefined && css.opens, props.isOpened && css.opened)}
      style={{ ...props.style, height: props.height, transform: `translateY(${props.top}px)` }}
      onFocus={() => onActive(index)}
      onClick={(event) => {
        if (row !== undefined && !isForSomethingElse(event)) onOpen?.(row, false)
      }}
    >
      {row === undefined ? (
        <Waiting columns={props.columns} cards={props.cards} />
      ) : (
        <Cells {...props} row={row} />
      )}
    </div>
  )
}

function Cells<Row>(props: ListRowProps<Row> & { row: Row }) {
  const { row, columns, cards, isSelected, onToggle, actions } = props
  const acts = actions?.(row)
  return (
    <>
      {isSelected === undefined ? null : (
        <div role="gridcell" className={css.tick}>
          <input
            type="checkbox"
            checked={isSelected}
            aria-label="Select row"
            onChange={() => onToggle(row)}
          />
        </div>
      )}
      {columns.map((it, n) =>
        cards && it.card === undefined ? null : (
          <div
            key={it.key}
            role="gridcell"
            // Named, because the buttons lie over the last column and would push its cell into the next line.
            style={cards ? undefined : { gridRow: 1, gridColumn: n + (isSelected === undefined ? 1 : 2) }}
            className={mergeClasses(css.cell, it.end === true && css.end, cards && css[it.card ?? 'line'])}
          >
            {it.cell(row)}
          </div>
        ),
      )}
      {acts === undefined || acts === null ? null : (
        <div role="gridcell" className={css.actions}>
          {acts}
        </div>
      )}
    </>
  )
}

function Waiting<Row>({ columns, cards }: { columns: readonly Column<Row>[]; cards: boolean }) {
  return columns.map((it) =>
    cards && it.card === undefined ? null : (
      <div key={it.key} role="gridcell" className={mergeClasses(css.cell, cards && css[it.card ?? 'line'])}>
        <span className={css.bone} />
      </div>
    ),
  )
}

/** Whether a row would be drawn as it was.  */
export function isSameRow<Row>(a: ListRowProps<Row>, b: ListRowProps<Row>): boolean {
  return (
    a.row === b.row &&
    a.index === b.index &&
    a.top === b.top &&
    a.height === b.height &&
    a.columns === b.columns &&
    a.cards === b.cards &&
    a.isActive === b.isActive &&
    a.isOpened === b.isOpened &&
    a.isSelected === b.isSelected &&
    a.onOpen === b.onOpen &&
    a.onToggle === b.onToggle &&
    a.actions === b.actions &&
    a.style?.gridTemplateColumns === b.style?.gridTemplateColumns
  )
}
