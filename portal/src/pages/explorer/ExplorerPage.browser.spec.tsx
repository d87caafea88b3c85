import { forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { ExplorerPage } from './ExplorerPage'
import { explorerSearch } from './search'
import { templates } from './templates'

const RUN = '/api/v1/query'
const QUESTION = 'MATCH (b:Bucket) RETURN b'
const COUNT = 'MATCH (b:Bucket) RETURN count(*)'
const bucket = { id: 'arn:1', name: 'manifests', kind: 'aws.s3-bucket', labels: ['Bucket'] }
const none = { columns: ['b'], rows: [], more: false, incomplete: false, asOf: 7 }

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/schema', { labels: [], edges: [], functions: [] })
  const form = { thing: { variable: 'b', labels: ['Bucket'], items: [] } }
  serve('/api/v1/query/search', { text: QUESTION, form, count: COUNT })
  serve('/api/v1/query/vocabulary', { asOf: 7, lookedAt: 1, labels: [], paths: [], edges: [] })
  serve('/api/v1/query/insights', {
    items: [
      {
        id: 'arn:1',
        critical: 'veryHigh',
        open: { critical: 1, high: 0, medium: 2, low: 0 },
        tags: { env: 'prod' },
      },
    ],
  })
  serve(`POST ${RUN}`, (body: string) =>
    body.includes('count(*)') ? { ...none, columns: ['n'], rows: [[1]] } : { ...none, rows: [[bucket]] },
  )
})

const show = (search = '') =>
  showPage({ path: '/explorer', component: ExplorerPage, search: explorerSearch, at: `/explorer${search}` })
const asked = () => sentTo<{ query: string; limit: number }>('POST', RUN)
const at = `?q=${encodeURIComponent(QUESTION)}`

test('the link asks its question, as long as it says, and tells what is known of each row', async () => {
  await show(`${at}&limit=100`)
  const row = page.getByRole('grid', { name: 'Answer' }).getByRole('row').nth(1)
  await expect
    .element(row.getByRole('link', { name: 'manifests' }))
    .toHaveAttribute('href', '/inventory/arn%3A1')
  await expect.element(row).toHaveTextContent('critical: very high')
  await expect.element(row).toHaveTextContent('3 open')
  await expect.element(page.getByText('1 row.')).toBeVisible()
  expect(asked()).toContainEqual(expect.objectContaining({ query: QUESTION, limit: 100 }))
})

test('how many rows a question has is counted while it is edited', async () => {
  await show(at)
  await expect.element(page.getByText('1 match')).toBeVisible()
  expect(asked()).toContainEqual(expect.objectContaining({ query: COUNT, limit: 1 }))
})

test('what cannot be counted is said', async () => {
  serve(`POST ${RUN}`, { detail: 'it takes longer than 10 s', code: 'time' }, {}, 422)
  await show(at)
  await expect.element(page.getByText('cannot be counted')).toBeVisible()
  await expect.element(page.getByText('The question could not be answered.')).toBeVisible()
  await expect.element(page.getByText('it takes longer than 10 s')).toBeVisible()
})

test('a template asks its own question', async () => {
  const [, template] = templates
  if (template === undefined) throw new Error('there are templates')
  const address = await show()
  expect(asked()).toEqual([])
  await userEvent.click(page.getByRole('button', { name: template.title }))
  await expect.poll(() => asked().map((it) => it.query)).toContain(template.query)
  expect(new URLSearchParams(address().split('?')[1]).get('q')).toBe(template.query)
})

test('a question is the same as text', async () => {
  const address = await show(at)
  await userEvent.click(page.getByRole('tab', { name: 'openCypher' }))
  await expect.poll(address).toContain('by=text')
  await expect.element(page.getByRole('textbox', { name: 'Query' })).toHaveTextContent(QUESTION)
})

test('what has no answer is told from what was cut short', async () => {
  serve(`POST ${RUN}`, none)
  await show(at)
  await expect.element(page.getByText('Nothing fits the question.')).toBeVisible()
})

test('rows beyond the limit are said to be there', async () => {
  serve(`POST ${RUN}`, { ...none, rows: [[bucket]], more: true, incomplete: true })
  await show(at)
  await expect.element(page.getByText('The first 1 rows; there are more.')).toBeVisible()
  await expect.element(page.getByText(/Something that this question reads was not collected/)).toBeVisible()
})
