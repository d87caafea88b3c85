// What stands above a list: how many, what to do with those that are ticked, columns, order, download.
import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemCheckbox,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { fetchAndSave } from '#/api/download'
import { explain } from '#/api/errors'
import { ArrowDownloadRegular, ArrowSortRegular, ColumnEditRegular } from '#/ui/icons'
import { count } from '#/util/format'
import type { Column, Layout } from './columns'
import { nextSort } from './Header'
import type { Sort } from './Table'
import css from './table.module.css'

/** A list that the server gives whole. */
export interface Download {
  /** The path of the list in the API. */
  path: string
  /** Its filters and order. */
  query: Readonly<Record<string, unknown>>
  /** The name of the file, without its ending. */
  file: string
}

export function Toolbar<Row>(props: {
  label: string
  noun: readonly [string, string]
  titleId: string
  total: number | undefined
  selected: number
  onClear: (() => void) | undefined
  columns: readonly Column<Row>[]
  layout: Layout<Row>
  cards: boolean
  sort: Sort | undefined
  onSort: ((sort: Sort) => void) | undefined
  download: Download | undefined
  tools: ReactNode
}) {
  const { total, noun, selected } = props
  return (
    <div className={css.toolbar}>
      <span className={css.total} role="status">
        {total === undefined ? '' : `${count(total)} ${total === 1 ? noun[0] : noun[1]}`}
        {selected > 0 ? ` · ${count(selected)} selected` : ''}
      </span>
      {selected > 0 && props.onClear !== undefined ? (
        <Button size="small" appearance="subtle" onClick={props.onClear}>
          Clear selection
        </Button>
      ) : null}
      <span className={css.tools}>{props.tools}</span>
      {props.cards && props.onSort !== undefined ? <Order {...props} onSort={props.onSort} /> : null}
      {props.cards || props.columns.length < 3 ? null : (
        <Choice columns={props.columns} layout={props.layout} />
      )}
      {props.download === undefined ? null : <Whole download={props.download} />}
    </div>
  )
}

/** Which columns are shown. */
function Choice<Row>({ columns, layout }: { columns: readonly Column<Row>[]; layout: Layout<Row> }) {
  const [first] = columns
  return (
    <Menu
      checkedValues={{ columns: layout.shown.map((it) => it.key) }}
      onCheckedValueChange={(_, { checkedItems }) =>
        layout.show(columns.filter((it) => it === first || checkedItems.includes(it.key)).map((it) => it.key))
      }
    >
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<ColumnEditRegular />}>
          Columns
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {columns.map((it) => (
            <MenuItemCheckbox key={it.key} name="columns" value={it.key} disabled={it === first}>
              {it.title}
            </MenuItemCheckbox>
          ))}
          <MenuDivider />
          <MenuItem onClick={() => layout.show(undefined)}>As at first</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

/** What the list is sorted by, where there are no heads to press. */
function Order<Row>(props: {
  columns: readonly Column<Row>[]
  sort: Sort | undefined
  onSort: (sort: Sort) => void
}) {
  const sorts = props.columns.filter((it) => it.sort !== undefined)
  if (sorts.length === 0) return null
  return (
    <Menu checkedValues={{ sort: props.sort === undefined ? [] : [props.sort.by] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<ArrowSortRegular />} aria-label="Sort" />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {sorts.map((it) => (
            <MenuItemRadio
              key={it.key}
              name="sort"
              value={it.sort ?? it.key}
              onClick={() => props.onSort(nextSort(it, props.sort))}
            >
              {it.title}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

/** The whole list as a file, as it is filtered and sorted. */
function Whole({ download }: { download: Download }) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const save = async (form: 'csv' | 'ndjson') => {
    setBusy(true)
    setProblem(undefined)
    try {
      await fetchAndSave(download.path, download.query, form, download.file)
    } catch (error) {
      setProblem(explain(error).title)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {problem === undefined ? null : <span role="alert">{problem}</span>}
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" appearance="subtle" icon={<ArrowDownloadRegular />} disabledFocusable={isBusy}>
            {isBusy ? 'Downloading' : 'Download'}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => void save('csv')}>CSV, for spreadsheets</MenuItem>
            <MenuItem onClick={() => void save('ndjson')}>NDJSON, for programs</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
    </>
  )
}
