import { FluentProvider } from '@fluentui/react-components'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import { useKeyboard } from '#/frame/keys'
import { lightTheme } from '#/ui/tokens'
import type { Column } from './columns'
import { useKeyset, useList } from './source'
import { type Sort, Table } from './Table'

interface Ship {
  id: string
  name: string
  tons: number
}

const ship = (n: number): Ship => ({ id: `s${n}`, name: `Ship ${n}`, tons: n * 10 })
const columns: readonly Column<Ship>[] = [
  {
    key: 'name',
    title: 'Name',
    width: 200,
    grow: true,
    sort: 'name',
    card: 'title',
    cell: (it) => <a href={`#${it.id}`}>{it.name}</a>,
  },
  {
    key: 'tons',
    title: 'Tons',
    width: 100,
    sort: 'tons',
    reverse: true,
    end: true,
    card: 'mark',
    cell: (it) => it.tons,
  },
  { key: 'flag', title: 'Flag', width: 100, hidden: true, cell: () => 'NL' },
]
const id = (it: Ship) => it.id

function Fleet(props: {
  ships: readonly Ship[]
  width?: number
  onOpen?: (row: Ship) => void
  rows?: number
}) {
  useKeyboard()
  const source = useList({ data: props.ships })
  const [sort, setSort] = useState<Sort>({ by: 'name', reverse: false })
  const [selected, select] = useState<ReadonlySet<string>>(new Set())
  return (
    <FluentProvider theme={lightTheme}>
      <div style={{ height: 400, width: props.width ?? 800, display: 'flex', flexDirection: 'column' }}>
        <Table
          name="fleet"
          label="Ships"
          noun={['ship', 'ships']}
          columns={columns}
          source={source}
          id={id}
          sort={sort}
          onSort={setSort}
          selected={selected}
          onSelect={select}
          onOpen={props.onOpen}
        />
      </div>
    </FluentProvider>
  )
}

const ships = (n: number) => Array.from({ length: n }, (_, it) => ship(it + 1))
const grid = () => page.getByRole('grid', { name: 'Ships' })
const focused = () => document.activeElement?.getAttribute('aria-rowindex')

beforeEach(() => localStorage.clear())

test('draws the rows that are seen and says how many there are', async () => {
  await render(<Fleet ships={ships(10_000)} />)
  await expect.element(page.getByText('10,000 ships')).toBeVisible()
  await expect.element(grid()).toHaveAttribute('aria-rowcount', '10001')
  await expect.element(page.getByRole('link', { name: 'Ship 1', exact: true })).toBeVisible()
  expect(grid().getByRole('row').elements().length).toBeLessThan(60)
})

test('goes by keys, opens and ticks', async () => {
  const onOpen = vi.fn()
  await render(<Fleet ships={ships(500)} onOpen={onOpen} />)
  await expect.element(grid()).toBeVisible()
  await userEvent.keyboard('jj')
  expect(focused()).toBe('4')
  await userEvent.keyboard('k{Enter}')
  expect(onOpen.mock.lastCall?.[0]).toEqual(ship(2))
  await userEvent.keyboard('x')
  await expect.element(page.getByText('500 ships · 1 selected')).toBeVisible()
  await userEvent.keyboard('{End}')
  await expect.poll(focused).toBe('501')
  await expect.element(page.getByRole('link', { name: 'Ship 500' })).toBeVisible()
  await userEvent.keyboard('{Home}')
  await expect.poll(focused).toBe('2')
})

test('only the active row is in the order of Tab', async () => {
  await render(<Fleet ships={ships(50)} />)
  await expect
    .element(page.getByRole('link', { name: 'Ship 3', exact: true }))
    .toHaveAttribute('tabindex', '-1')
  await userEvent.keyboard('jj')
  await expect
    .element(page.getByRole('link', { name: 'Ship 3', exact: true }))
    .toHaveAttribute('tabindex', '0')
})

test('a head sorts, and says so', async () => {
  await render(<Fleet ships={ships(5)} />)
  const name = page.getByRole('columnheader', { name: 'Name' })
  await expect.element(name).toHaveAttribute('aria-sort', 'ascending')
  await userEvent.click(name.getByRole('button'))
  await expect.element(name).toHaveAttribute('aria-sort', 'descending')
  const tons = page.getByRole('columnheader', { name: 'Tons' })
  await userEvent.click(tons.getByRole('button'))
  await expect.element(tons).toHaveAttribute('aria-sort', 'descending')
})

test('columns are chosen, widened by keys, and kept', async () => {
  const first = await render(<Fleet ships={ships(5)} />)
  await userEvent.click(page.getByRole('button', { name: 'Columns' }))
  await userEvent.click(page.getByRole('menuitemcheckbox', { name: 'Flag' }))
  await userEvent.keyboard('{Escape}')
  await expect.element(page.getByRole('columnheader', { name: 'Flag' })).toBeVisible()
  const edge = page.getByRole('separator', { name: 'Width of Tons' })
  edge.element().focus()
  await userEvent.keyboard('{ArrowRight}')
  await expect.element(edge).toHaveAttribute('aria-valuenow', '116')
  await first.unmount()
  await render(<Fleet ships={ships(5)} />)
  await expect.element(page.getByRole('columnheader', { name: 'Flag' })).toBeVisible()
  await expect
    .element(page.getByRole('separator', { name: 'Width of Tons' }))
    .toHaveAttribute('aria-valuenow', '116')
})

test('is cards where there is no room, with the same roles', async () => {
  await render(<Fleet ships={ships(50)} width={390} />)
  const row = page.getByRole('row').nth(1)
  await expect.element(row.getByRole('link', { name: 'Ship 1', exact: true })).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Sort' })).toBeVisible()
  expect(row.element().clientHeight).toBeGreaterThan(50)
})

const client = () => new QueryClient({ defaultOptions: { queries: { retry: false } } })

/** A list of the server that counts what it is asked for. */
function Server(props: { total: number; fail?: (cursor: number) => boolean; asked: number[] }) {
  useKeyboard()
  const source = useKeyset<{ items: Ship[]; next?: string; total: number }>({
    key: ['ships', props.total],
    page: async (cursor, limit) => {
      const from = Number(cursor ?? 0)
      props.asked.push(from)
      if (props.fail?.(from) === true) throw new TypeError('away')
      const items = Array.from({ length: Math.min(limit, props.total - from) }, (_, n) => ship(from + n + 1))
      const next = from + limit
      return { items, total: props.total, ...(next < props.total ? { next: String(next) } : {}) }
    },
  })
  return (
    <div style={{ height: 400, width: 800, display: 'flex', flexDirection: 'column' }}>
      <Table name="fleet" label="Ships" noun={['ship', 'ships']} columns={columns} source={source} id={id} />
    </div>
  )
}

const served = (total: number, asked: number[], fail?: (cursor: number) => boolean) => (
  <FluentProvider theme={lightTheme}>
    <QueryClientProvider client={client()}>
      <Server total={total} asked={asked} {...(fail === undefined ? {} : { fail })} />
    </QueryClientProvider>
  </FluentProvider>
)

test('pages are fetched ahead of the eye, and no further', async () => {
  const asked: number[] = []
  await render(served(1_000_000, asked))
  await expect.element(page.getByText('1,000,000 ships')).toBeVisible()
  await expect.poll(() => asked).toEqual([0, 100, 200])
  for (let n = 0; n < 5; n += 1) {
    const box = grid().element()
    box.scrollTop = box.scrollHeight
    await expect
      .poll(() => grid().element().scrollHeight > box.scrollTop + box.clientHeight + 1000)
      .toBe(true)
  }
  expect(new Set(asked).size).toBe(asked.length)
  await expect.element(page.getByRole('link', { name: 'Ship 300', exact: true })).not.toBeInTheDocument()
})

test('the last page is the end', async () => {
  await render(served(250, []))
  await userEvent.keyboard('j')
  await expect.poll(() => grid().element().scrollHeight).toBeGreaterThan(250 * 36)
  await userEvent.keyboard('{End}')
  await expect.element(page.getByRole('link', { name: 'Ship 250' })).toBeVisible()
})

test('a page that fails is said, and asked for again', async () => {
  let broken = true
  await render(served(250, [], (cursor) => broken && cursor === 100))
  await expect.element(page.getByRole('alert')).toBeVisible()
  await expect.element(page.getByRole('link', { name: 'Ship 1', exact: true })).toBeVisible()
  broken = false
  await userEvent.click(page.getByRole('button', { name: 'Try again' }))
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument()
})
