import '#/test/server'
import { FluentProvider } from '@fluentui/react-components'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import { forgetAnswers, serve } from '#/test/server'
import { lightTheme } from '#/ui/tokens'
import { Builder } from './Builder'

const search = '/api/v1/query/search'
const said = vi.fn<(text: string) => void>()

function Edited({ value, anchor }: { value: string; anchor?: boolean }) {
  const [text, setText] = useState(value)
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: false } } }))
  return (
    <FluentProvider theme={lightTheme}>
      <QueryClientProvider client={client}>
        <Builder
          value={text}
          onChange={(it) => {
            said(it)
            setText(it)
          }}
          {...(anchor === true ? { anchor: { variable: 'r', labels: ['Vm'] } } : {})}
        />
      </QueryClientProvider>
    </FluentProvider>
  )
}

beforeEach(() => {
  said.mockClear()
  forgetAnswers()
  serve('/api/v1/query/vocabulary', {
    asOf: 1,
    lookedAt: 3,
    labels: [
      { label: 'Vm', things: 3 },
      { label: 'Disk', things: 2 },
    ],
    paths: [
      { path: ['size'], types: ['number'], values: [1, 2], more: false, things: 3 },
      { path: ['merlon', 'tags', 'env'], types: ['text'], values: ['prod'], more: false, things: 1 },
    ],
    edges: [{ type: 'USES', isOutgoing: true, label: 'Disk', edges: 4 }],
  })
})

const form = {
  thing: {
    variable: 'm',
    labels: ['Vm'],
    items: [
      { is: 'test', path: ['size'], of: 'value', op: 'gt', values: [2], not: false },
      {
        is: 'connection',
        types: ['USES'],
        direction: 'out',
        presence: 'shown',
        thing: { variable: 'd', labels: ['Disk'], items: [] },
      },
    ],
  },
}

test('a query is shown as rows, and what is changed is said as text', async () => {
  serve(search, { text: 'MATCH (m:Vm) …', form })
  await render(<Edited value="MATCH (m:Vm) …" />)
  await expect.element(page.getByRole('combobox', { name: 'Value of' })).toHaveValue('size')
  await expect.element(page.getByRole('combobox', { name: 'How it is compared' })).toHaveValue('gt')
  await expect.element(page.getByRole('combobox', { name: 'Edge' })).toHaveValue('USES →')
  serve(search, { text: 'another text', form })
  await page.getByRole('button', { name: 'Remove condition' }).click()
  await expect.poll(() => said.mock.lastCall?.[0]).toBe('another text')
  await expect.element(page.getByRole('combobox', { name: 'Value of' })).not.toBeInTheDocument()
})

test('a row that is not filled in yet stays while its text is made', async () => {
  serve(search, { text: 'r.a = 1', form: { thing: { variable: 'r', labels: [], items: [] } } })
  await render(<Edited value="" anchor />)
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('menuitem', { name: 'A condition on a value' }).click()
  await expect.poll(() => said.mock.lastCall?.[0]).toBe('r.a = 1')
  const path = page.getByRole('combobox', { name: 'Value of' })
  await expect.element(path).toHaveFocus()
  await userEvent.keyboard('Tag env')
  await page.getByRole('option', { name: /Tag env/ }).click()
  await expect.element(path).toHaveValue('Tag env')
})

test('what no form can show is said with its place', async () => {
  serve(search, { text: 'x', beyond: { why: 'WITH computes something in between', line: 2, column: 3 } })
  await render(<Edited value="x" />)
  await expect.element(page.getByText(/line 2, column 3: WITH computes something in between/)).toBeVisible()
})

test('nothing that is no query looks like one', async () => {
  serve(
    search,
    { code: 'invalid', detail: 'the text', fields: [{ name: 'text', detail: 'line 1: no' }] },
    {},
    422,
  )
  await render(<Edited value="MATCH (" />)
  await expect.element(page.getByRole('alert')).toBeVisible()
})
