import { forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { QueryPage } from './QueryPage'
import { querySearch } from './search'

const RUN = '/api/v1/query'
const node = (id: string, name: string) => ({ id, name, kind: 'aws.s3-bucket', labels: ['Bucket'] })
const answer = {
  columns: ['b', 'n'],
  rows: [
    [node('arn:1', 'manifests'), 9],
    [node('arn:2', 'labels'), 10],
  ],
  more: false,
  incomplete: false,
  asOf: 7,
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/schema', {
    labels: [{ kind: 'aws.s3-bucket', label: 'AwsS3Bucket', title: 'S3 bucket', classes: ['Bucket'] }],
    edges: [{ type: 'MAY_READ', from: 'Role', to: 'Bucket' }],
    functions: [],
  })
  serve(`POST ${RUN}`, answer)
})

const show = (search = '') =>
  showPage({ path: '/query', component: QueryPage, search: querySearch, at: `/query${search}` })
const editor = () => page.getByRole('textbox', { name: 'Query' })
const asked = () => sentTo<{ query: string; limit: number }>('POST', RUN)

test('nothing is asked before somebody runs it; then the address asks it', async () => {
  const address = await show()
  await expect.element(page.getByRole('heading', { name: 'Questions to start from' })).toBeVisible()
  await userEvent.fill(editor(), 'MATCH (b:Bucket) RETURN b')
  expect(asked()).toEqual([])
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  await expect.poll(address).toContain('q=')
  await expect.poll(() => asked().at(-1)).toMatchObject({ query: 'MATCH (b:Bucket) RETURN b', limit: 1000 })
  await expect.element(page.getByText('2 rows.')).toBeVisible()
})

test('labels are offered where one stands', async () => {
  await show()
  await userEvent.click(editor())
  await userEvent.keyboard('MATCH (b:Buc')
  const option = page.getByRole('option', { name: /^Bucket/ })
  await expect.element(option).toBeVisible()
  await userEvent.click(option)
  await expect.element(editor()).toHaveTextContent('MATCH (b:Bucket')
})

test('a problem is said with its place, and goes as soon as the text is another', async () => {
  serve(
    `POST ${RUN}`,
    { detail: '`query`: line 1, column 10: there is no label `Bukket`', code: 'invalid', fields: [] },
    {},
    422,
  )
  await show('?q=MATCH%20(b:Bukket)%20RETURN%20b')
  await expect
    .element(page.getByRole('alert'))
    .toHaveTextContent('Line 1, column 10: there is no label `Bukket`')
  await expect.element(page.getByText('The question could not be answered.')).toBeVisible()
  await userEvent.click(editor())
  await userEvent.keyboard('{End} LIMIT 1')
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument()
})

test('rows are sorted by what they hold, numbers as numbers', async () => {
  await show('?q=MATCH')
  const grid = page.getByRole('grid', { name: 'Answer' })
  await userEvent.click(grid.getByRole('button', { name: 'n', exact: true }))
  // The largest first: 10 is more than 9.
  await expect.element(grid.getByRole('row').nth(1)).toHaveTextContent('labels')
  await userEvent.click(grid.getByRole('button', { name: 'n', exact: true }))
  await expect.element(grid.getByRole('row').nth(1)).toHaveTextContent('manifests')
})

test('nodes are a graph, too; which of the two stands in the address', async () => {
  const address = await show('?q=MATCH')
  await userEvent.click(page.getByRole('tab', { name: 'Graph (2)' }))
  await expect.poll(address).toContain('as=graph')
  await expect.element(page.getByRole('region', { name: /The answer as a graph/ })).toBeVisible()
  await userEvent.click(page.getByRole('tab', { name: 'Table (2)' }))
  await expect.poll(address).not.toContain('as=')
})

test('an answer that is cut, or rests on what was not read, says so', async () => {
  serve(`POST ${RUN}`, { ...answer, more: true, incomplete: true })
  await show('?q=MATCH&limit=100')
  await expect.element(page.getByText('These are the first 100 rows.', { exact: false })).toBeVisible()
  await expect.element(page.getByText('there may be further rows', { exact: false })).toBeVisible()
  await userEvent.click(page.getByRole('button', { name: '100 rows at most' }))
  await userEvent.click(page.getByRole('menuitemradio', { name: '10,000 rows' }))
  await expect.poll(() => asked().at(-1)?.limit).toBe(10_000)
})

test('what was answered is remembered, what was refused is not, and all of it can be forgotten', async () => {
  await show('?q=MATCH%20(a)%20RETURN%20a')
  await expect.element(page.getByText('2 rows.')).toBeVisible()
  serve(`POST ${RUN}`, { detail: 'line 1, column 1: no', code: 'invalid', fields: [] }, {}, 422)
  await userEvent.fill(editor(), 'NONSENSE')
  await userEvent.click(page.getByRole('button', { name: 'Run', exact: true }))
  await expect.element(page.getByRole('alert')).toBeVisible()
  await userEvent.click(page.getByRole('button', { name: 'History' }))
  await expect.element(page.getByRole('menuitem', { name: /MATCH \(a\) RETURN a/ })).toBeVisible()
  await expect.element(page.getByRole('menuitem', { name: /NONSENSE/ })).not.toBeInTheDocument()
  await userEvent.click(page.getByRole('menuitem', { name: 'Forget all' }))
  expect(JSON.parse(localStorage.getItem('merlon.queries') ?? '[]')).toEqual([])
})

test('the link that is copied is the address; there is none before a question was asked', async () => {
  const copy = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  await show()
  await expect
    .element(page.getByRole('button', { name: 'Copy link' }))
    .toHaveAttribute('aria-disabled', 'true')
  await userEvent.fill(editor(), 'MATCH (a) RETURN a')
  await userEvent.click(page.getByRole('button', { name: 'Run', exact: true }))
  await userEvent.click(page.getByRole('button', { name: 'Copy link' }))
  await expect.poll(() => copy.mock.calls).toEqual([[window.location.href]])
  copy.mockRestore()
})

test('who may not ask is told whom to ask', async () => {
  serve(`POST ${RUN}`, { detail: 'it takes query.run', code: 'forbidden' }, {}, 403)
  await show('?q=MATCH')
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})
