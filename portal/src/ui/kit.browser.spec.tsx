import { FluentProvider } from '@fluentui/react-components'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import { Bar, Stack } from './Bar'
import { Chips } from './Chips'
import { Copyable } from './Copyable'
import { Evidence } from './Evidence'
import { Facets } from './Facets'
import { LayeredGraph } from './graph/LayeredGraph'
import { JsonDiff } from './json/JsonDiff'
import { JsonTree } from './json/JsonTree'
import { TrendLine } from './TrendLine'
import { lightTheme } from './tokens'

const show = (part: ReactNode) =>
  render(
    <FluentProvider theme={lightTheme}>
      <QueryClientProvider client={new QueryClient()}>
        <div style={{ width: 900 }}>{part}</div>
      </QueryClientProvider>
    </FluentProvider>,
  )

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `kind ${from + n}`)

test('facets: values are chosen, found and typed', async () => {
  await page.viewport(1200, 800)
  const onToggle = vi.fn()
  await show(
    <Facets
      onToggle={onToggle}
      onClear={vi.fn()}
      groups={[
        {
          name: 'kind',
          title: 'Kind',
          chosen: ['gone'],
          values: names(0, 40).map((value) => ({ value, count: 3 })),
        },
        {
          name: 'tag',
          title: 'Tag',
          chosen: [],
          free: 'Type key=value',
          values: [{ value: 'env', count: 5 }],
        },
      ]}
    />,
  )
  const kind = page.getByRole('group', { name: /Kind/ })
  await expect.element(kind.getByRole('checkbox', { name: /gone/ })).toBeChecked()
  await expect.element(kind.getByRole('checkbox', { name: /kind 30/ })).not.toBeInTheDocument()
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find in Kind' }), '30')
  await userEvent.click(kind.getByRole('checkbox', { name: /kind 30/ }))
  expect(onToggle).toHaveBeenLastCalledWith('kind', 'kind 30')
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find in Tag' }), 'env=prod')
  await userEvent.keyboard('{Enter}')
  expect(onToggle).toHaveBeenLastCalledWith('tag', 'env=prod')
})

test('facets: a drawer where the window is narrow', async () => {
  await page.viewport(390, 800)
  await show(
    <Facets
      onToggle={vi.fn()}
      onClear={vi.fn()}
      groups={[{ name: 'cloud', title: 'Cloud', chosen: ['aws'], values: [{ value: 'aws', count: 1 }] }]}
    />,
  )
  await userEvent.click(page.getByRole('button', { name: 'Filters (1)' }))
  await expect.element(page.getByRole('dialog', { name: 'Filters' })).toBeVisible()
  await expect.element(page.getByRole('checkbox', { name: /aws/ })).toBeChecked()
  await page.viewport(1200, 800)
})

test('chips name the filter that they take away', async () => {
  const onRemove = vi.fn()
  const chip = { name: 'tag', value: 'env', title: 'Tag', label: 'env' }
  await show(<Chips chips={[chip]} onRemove={onRemove} onClear={vi.fn()} />)
  await userEvent.click(page.getByRole('button', { name: 'Remove Tag env' }))
  expect(onRemove).toHaveBeenCalledWith(chip)
})

const document = { name: 'db', settings: { rules: [{ range: '0.0.0.0/0' }], ssl: false } }

test('a document is walked, folded and searched by keys', async () => {
  await show(<JsonTree value={document} label="the document" />)
  const tree = page.getByRole('tree', { name: 'the document' })
  await expect.element(tree.getByRole('treeitem', { name: 'ssl: false' })).toBeVisible()
  const settings = tree.getByRole('treeitem', { name: 'settings: 2 entries' })
  settings.element().focus()
  await userEvent.keyboard('{ArrowLeft}')
  await expect.element(settings).toHaveAttribute('aria-expanded', 'false')
  await expect.element(tree.getByRole('treeitem', { name: 'ssl: false' })).not.toBeInTheDocument()
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find in the document' }), '0.0.0.0')
  await expect.element(tree.getByRole('treeitem', { name: 'range: "0.0.0.0/0"' })).toBeVisible()
  await expect.element(page.getByText('1 of 1')).toBeVisible()
})

test('a value of a document begins a check, and marks say what rests on it', async () => {
  const onCheck = vi.fn()
  await show(
    <JsonTree
      value={document}
      label="the document"
      marks={[{ path: 'settings.ssl', note: 'Traffic is in plain text' }]}
      onCheck={onCheck}
    />,
  )
  const line = page.getByRole('treeitem', { name: 'ssl: false. Traffic is in plain text' })
  await userEvent.hover(line)
  await userEvent.click(line.getByRole('button', { name: 'Write a check from this value' }))
  expect(onCheck).toHaveBeenCalledWith('settings.ssl', false)
})

test('a large document is drawn in part, and whole for the eye', async () => {
  const large = { list: Array.from({ length: 20_000 }, (_, n) => ({ n })) }
  await show(<JsonTree value={large} label="the document" />)
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find in the document' }), '19998')
  await expect.element(page.getByRole('treeitem', { name: 'n: 19998' })).toBeVisible()
  expect(page.getByRole('treeitem').elements().length).toBeLessThan(200)
})

test('a difference says what it was and what it is', async () => {
  await show(
    <JsonDiff
      label="What changed"
      changes={[
        { path: 'document.ssl', before: true, after: false },
        { path: 'tags.env', before: null, after: 'prod' },
      ]}
    />,
  )
  const list = page.getByRole('list', { name: 'What changed' })
  await expect
    .element(list.getByRole('listitem').nth(0))
    .toHaveTextContent(/Changed.*document\.ssl.*from true.*to false/)
  await expect.element(list.getByRole('listitem').nth(1)).toHaveTextContent(/Added.*tags\.env.*"prod"/)
})

test('evidence holds what was found against what is wanted', async () => {
  await show(
    <Evidence
      findings={[
        { path: 'settings.ssl', value: false },
        { path: 'none(x IN r.logs WHERE x.enabled)', value: true },
      ]}
      unhealthy="r.settings.ssl = false"
      hidden={2}
    />,
  )
  const found = page.getByRole('region', { name: 'Found' })
  await expect.element(found).toHaveTextContent(/settings\.ssl.*false/)
  await expect.element(found).toHaveTextContent(/2 further values lie in resources that you do not see/)
  await expect
    .element(page.getByRole('region', { name: 'Wanted' }))
    .toHaveTextContent('r.settings.ssl = false')
})

test('a graph is reached by keys', async () => {
  await show(
    <LayeredGraph
      label="Neighbours"
      center="a"
      graph={{
        nodes: [
          { id: 'a', name: 'machine', group: 'm' },
          { id: 'b', name: 'disk', group: 'd' },
        ],
        edges: [{ from: 'a', to: 'b', label: 'HAS_DISK' }],
      }}
      node={(it) => <a href={`#${it.id}`}>{it.name}</a>}
    />,
  )
  const machine = page.getByRole('region', { name: 'Neighbours' }).getByRole('link', { name: 'machine' })
  await expect.element(machine).toBeVisible()
  machine.element().focus()
  await userEvent.keyboard('{ArrowRight}')
  await expect.element(page.getByRole('link', { name: 'disk' })).toHaveFocus()
})

test('charts say in words what they draw', async () => {
  await show(
    <>
      <Bar part={3} whole={10} label="Encrypted disks" />
      <Stack
        label="Resources"
        parts={[
          { name: 'unhealthy', value: 2, tone: 'unhealthy' },
          { name: 'healthy', value: 5, tone: 'healthy' },
        ]}
      />
      <TrendLine
        label="Secure score"
        points={[
          { at: '2026-01-01T00:00:00Z', value: 40 },
          { at: '2026-01-02T00:00:00Z', value: 55 },
        ]}
        range={[0, 100]}
      />
    </>,
  )
  await expect.element(page.getByRole('img', { name: 'Encrypted disks: 3 of 10' })).toBeVisible()
  await expect.element(page.getByRole('img', { name: 'Resources: 2 unhealthy, 5 healthy' })).toBeVisible()
  const trend = page.getByRole('slider', { name: /Secure score: 40 on .*55 on .*up by 15/ })
  trend.element().focus()
  await userEvent.keyboard('{Home}')
  await expect.element(trend).toHaveAttribute('aria-valuetext', expect.stringContaining('40'))
})

test('an id is copied whole', async () => {
  const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  await show(<Copyable text="/subscriptions/1/resourcegroups/rg" />)
  await userEvent.click(page.getByRole('button', { name: 'Copy id' }))
  expect(write).toHaveBeenCalledWith('/subscriptions/1/resourcegroups/rg')
  await expect.element(page.getByText('Copied')).toBeVisible()
})
