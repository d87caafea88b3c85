// The one table for all lists: draws the rows that are seen and no others, by mouse, by keyboard and on a phone.
import { mergeClasses } from '@fluentui/react-components'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useKeys } from '#/frame/keys'
import { ErrorState, Loading } from '#/ui/states'
import { type Column, type Layout, useLayout } from './columns'
import { Header } from './Header'
import { moved, moveOf } from './keys'
import { isSameRow, ListRow } from './ListRow'
import { MOST_ROWS, type Source } from './source'
import { type Download, Toolbar } from './Toolbar'
import css from './table.module.css'
import { useWidth } from './use-width'

/** What the list is sorted by, as the API names it. */
export interface Sort {
  by: string
  reverse: boolean
}

export interface TableProps<Row> {
  /** Under this name the browser keeps widths and columns. */
  name: string
  /** What the list is, for screen readers: "Resources". */
  label: string
  /** One of them and many of them, for the count: `['resource', 'resources']`. */
  noun: readonly [string, string]
  columns: readonly Column<Row>[]
  source: Source<Row>
  id: (row: Row) => string
  /** Opens a row: Enter, or a press anywhere in it. `follows` when a key moved on while another row was open. */
  onOpen?: ((row: Row, follows: boolean) => void) | undefined
  /** The row that is open in the side panel. */
  opened?: string | undefined
  /** Buttons of a row; they show when it is pointed at or focused. */
  actions?: ((row: Row) => ReactNode) | undefined
  sort?: Sort | undefined
  onSort?: ((sort: Sort) => void) | undefined
  /** Ids of the rows that are ticked. */
  selected?: ReadonlySet<string> | undefined
  onSelect?: ((selected: ReadonlySet<string>) => void) | undefined
  /** Columns that the address asks for. */
  shown?: readonly string[] | undefined
  onShown?: ((keys: readonly string[] | undefined) => void) | undefined
  /** What is said when the list is empty. */
  empty?: ReactNode
  /** The address of the list with its filters; gives it whole as CSV or NDJSON. */
  download?: Download | undefined
  /** What stands beside the count: chips, buttons for the ticked rows. */
  tools?: ReactNode
  /** As high as its rows, at most so many; else it fills what is left of the page. */
  rows?: number
  /** Whether widths and columns are kept in the browser; not where columns differ from one time to the next. */
  keeps?: boolean
  /** Whether letters work although nothing in the table is focused: for the main list of a page. Default: when it fills the page. */
  main?: boolean
}

const ROW = 36
const CARD = 64
/** Below this width of the table there are cards instead of columns. */
const NARROW = 600

/** A list. State that a link should carry (`sort`, `shown`, `opened`) belongs to the page, the rest is kept here. */
export function Table<Row>(props: TableProps<Row>) {
  const { source, columns, id, onOpen, opened, selected, onSelect, rows: most } = props
  const box = useRef<HTMLDivElement>(null)
  const [frame, width] = useWidth<HTMLDivElement>()
  const isCards = width > 0 && width < NARROW
  const height = isCards ? CARD : ROW
  const head = isCards ? 0 : ROW
  const layout: Layout<Row> = useLayout(
    props.keeps === false ? undefined : props.name,
    columns,
    props.shown,
    props.onShown,
  )
  const [active, setActive] = useState(0)
  const wantsFocus = useRef(false)
  const titleId = useId()
  const KeptRow = useMemo(() => memo(ListRow<Row>, isSameRow), [])

  const virtual = useVirtualizer({
    count: source.count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 10,
    scrollMargin: head,
    scrollPaddingStart: head,
    useFlushSync: false,
  })
  useEffect(() => virtual.measure(), [virtual, height])
  const items = virtual.getVirtualItems()
  const firstSeen = items[0]?.index ?? 0
  const lastSeen = items.at(-1)?.index ?? 0
  const { look } = source
  useEffect(() => look(firstSeen, lastSeen), [look, firstSeen, lastSeen])

  // Another filter or order is another list: it is read from its top.
  const { isOld } = source
  useEffect(() => {
    if (!isOld) return
    box.current?.scrollTo({ top: 0 })
    setActive(0)
  }, [isOld])

  const go = useCallback(
    (index: number, focus: boolean) => {
      wantsFocus.current = focus
      setActive(index)
      virtual.scrollToIndex(index)
    },
    [virtual],
  )
  // A list whose end was not known turns out to be shorter: the keys go on at its last row.
  const { count } = source
  useEffect(() => {
    if (count > 0 && active >= count) go(count - 1, document.activeElement === document.body)
  }, [active, count, go])
  const toggle = useCallback(
    (row: Row) => {
      if (selected === undefined || onSelect === undefined) return
      const next = new Set(selected)
      if (!next.delete(id(row))) next.add(id(row))
      onSelect(next)
    },
    [selected, onSelect, id],
  )
  const press = (key: string): boolean => {
    const move = moveOf(key, Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 2))
    const row = source.row(active)
    if (move !== undefined && source.count > 0) {
      const next = moved(active, move, source.count)
      go(next, true)
      const then = source.row(next)
      if (opened !== undefined && then !== undefined) onOpen?.(then, true)
      return true
    }
    if (row === undefined) return false
    if (key === 'Enter' && onOpen !== undefined) {
      onOpen(row, false)
      return true
    }
    if ((key === 'x' || key === ' ') && onSelect !== undefined) {
      toggle(row)
      return true
    }
    return false
  }
  const onKey = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWritten(event.target)) return
    // Enter and space on a link or a button in the row are theirs.
    const own = event.target instanceof Element && event.target.getAttribute('role') === 'row'
    if (!own && (event.key === 'Enter' || event.key === ' ')) return
    if (press(event.key)) event.preventDefault()
  }
  useLetters(props.main ?? most === undefined, onSelect !== undefined, press)

  const style = isCards ? undefined : { gridTemplateColumns: template(layout, selected !== undefined) }
  const body = Math.min(source.count, most ?? Number.POSITIVE_INFINITY) * height + head + 2
  const isEmpty = !source.isLoading && (source.error ?? null) === null && source.count === 0
  const isGone = source.count === 0 && (source.error ?? null) !== null
  return (
    <div ref={frame} className={mergeClasses(css.frame, most === undefined && css.fills)}>
      <Toolbar
        label={props.label}
        noun={props.noun}
        titleId={titleId}
        total={source.isLoading ? undefined : (source.total ?? (isGone ? undefined : source.count))}
        selected={selected?.size ?? 0}
        onClear={onSelect === undefined ? undefined : () => onSelect(new Set())}
        columns={columns}
        layout={layout}
        cards={isCards}
        sort={props.sort}
        onSort={props.onSort}
        download={props.download}
        tools={props.tools}
      />
      {source.isLoading ? (
        <Loading rows={most === undefined ? 12 : Math.min(most, 6)} label={`Loading ${props.noun[1]}`} />
      ) : null}
      {isGone ? <ErrorState error={source.error} retry={source.retry} /> : null}
      {isEmpty ? (props.empty ?? <p className={css.quiet}>There are no {props.noun[1]} here.</p>) : null}
      {source.count === 0 ? null : (
        <div
          ref={box}
          role="grid"
          tabIndex={-1}
          aria-label={props.label}
          aria-rowcount={(source.total ?? source.count) + 1}
          aria-colcount={layout.shown.length + (selected === undefined ? 0 : 1)}
          aria-multiselectable={selected === undefined ? undefined : true}
          aria-busy={isOld}
          className={mergeClasses(css.box, isOld && css.old, isCards && css.cards)}
          style={most === undefined ? undefined : { height: body }}
          data-list
          onKeyDown={onKey}
        >
          <Header
            layout={layout}
            style={style}
            hidden={isCards}
            sort={props.sort}
            onSort={props.onSort}
            selection={
              selected === undefined ? undefined : pageTicked(source, selected, id, firstSeen, lastSeen)
            }
            onSelect={
              onSelect === undefined
                ? undefined
                : (all) => onSelect(ticked(source, selected, id, firstSeen, lastSeen, all))
            }
          />
          <div role="rowgroup" className={css.body} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => (
              <KeptRow
                key={item.key}
                index={item.index}
                top={item.start - head}
                height={height}
                row={source.row(item.index)}
                columns={layout.shown}
                cards={isCards}
                style={style}
                isActive={item.index === active}
                wantsFocus={wantsFocus}
                isOpened={isRow(source.row(item.index), id, opened)}
                isSelected={selected === undefined ? undefined : isIn(source.row(item.index), id, selected)}
                onOpen={onOpen}
                onActive={setActive}
                onToggle={toggle}
                actions={props.actions}
              />
            ))}
          </div>
        </div>
      )}
      <Foot source={source} noun={props.noun} />
    </div>
  )
}

function Foot<Row>({ source, noun }: { source: Source<Row>; noun: readonly [string, string] }) {
  if (source.count > 0 && (source.error ?? null) !== null) {
    return <ErrorState error={source.error} retry={source.retry} />
  }
  if (source.count < MOST_ROWS) return null
  return (
    <p className={css.quiet}>
      This list ends after {MOST_ROWS.toLocaleString('en')} {noun[1]}: filter it, turn its order round, or
      download it whole.
    </p>
  )
}

function template<Row>(layout: Layout<Row>, ticks: boolean): string {
  return ticks ? `36px ${layout.template}` : layout.template
}

function isRow<Row>(row: Row | undefined, id: (row: Row) => string, wanted: string | undefined): boolean {
  return wanted !== undefined && row !== undefined && id(row) === wanted
}

function isIn<Row>(row: Row | undefined, id: (row: Row) => string, among: ReadonlySet<string>): boolean {
  return row !== undefined && among.has(id(row))
}

function isWritten(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input:not([type="checkbox"]), textarea, [role="menu"]') !== null
  )
}

/** The rows that are seen, which is what one box ticks at once. */
function seen<Row>(source: Source<Row>, first: number, last: number): Row[] {
  return Array.from({ length: last - first + 1 }, (_, n) => source.row(first + n)).flatMap((it) =>
    it === undefined ? [] : [it],
  )
}

function pageTicked<Row>(
  source: Source<Row>,
  selected: ReadonlySet<string>,
  id: (row: Row) => string,
  first: number,
  last: number,
): boolean | 'mixed' {
  const rows = seen(source, first, last)
  const n = rows.filter((it) => selected.has(id(it))).length
  return n === 0 ? false : n === rows.length ? true : 'mixed'
}

function ticked<Row>(
  source: Source<Row>,
  selected: ReadonlySet<string> | undefined,
  id: (row: Row) => string,
  first: number,
  last: number,
  all: boolean,
): ReadonlySet<string> {
  const next = new Set(selected)
  for (const row of seen(source, first, last)) {
    if (all) next.add(id(row))
    else next.delete(id(row))
  }
  return next
}

/** `j`, `k` and `x` for the main list of the page, wherever the focus is; `?` shows them. */
function useLetters(isMain: boolean, ticks: boolean, press: (key: string) => boolean): void {
  const latest = useRef(press)
  useEffect(() => {
    latest.current = press
  })
  const keys = useMemo(() => {
    if (!isMain) return []
    const of = (letter: string, label: string) => ({
      keys: letter,
      label,
      do: () => void latest.current(letter),
    })
    const moves = [of('j', 'Next row'), of('k', 'Row before')]
    return ticks ? [...moves, of('x', 'Select the row')] : moves
  }, [isMain, ticks])
  useKeys('List', keys)
}
