import { asked, forgetAnswers, requests, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { InventoryPage } from './InventoryPage'
import { inventorySearch } from './search'

const LIST = '/api/v1/resources'
const none = { critical: 0, high: 0, medium: 0, low: 0 }
const resource = (id: string, name: string, more: object = {}) => ({
  id,
  name,
  kind: 'aws.s3-bucket',
  kindTitle: 'S3 bucket',
  cloud: 'aws',
  scope: 'aws:111122223333',
  scopes: [],
  home: '',
  region: 'eu-west-1',
  tags: { env: 'prod' },
  state: 'unhealthy',
  open: { ...none, critical: 1 },
  exempt: false,
  ...more,
})
const manifests = resource('arn:aws:s3:::manifests', 'manifests')
const labels = resource('arn:aws:s3:::labels', 'labels', { state: 'healthy', open: none })
const strange = resource('arn:aws:odd:::thing', '', { kind: 'AWS::Odd::Thing', kindTitle: null })
const facets = [
  {
    name: 'state',
    values: [
      { value: 'healthy', count: 1 },
      { value: 'unhealthy', count: 2 },
    ],
    more: 0,
  },
  { name: 'severity', values: [{ value: 'critical', count: 2 }], more: 0 },
  {
    name: 'region',
    values: [
      { value: 'eu-west-1', count: 3 },
      { value: '', count: 4 },
    ],
    more: 0,
  },
]
const answer = { items: [manifests, labels, strange], total: 3, facets, asOf: 7 }

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'quay', depth: 0, resources: 3 }] })
  serve('/api/v1/content/kinds', [])
  serve(LIST, answer)
})

const show = (search = '') =>
  showPage({
    path: '/inventory',
    component: InventoryPage,
    search: inventorySearch,
    at: `/inventory${search}`,
  })
const questions = () => asked.filter((it) => it.startsWith(`${LIST}?`)).map((it) => decodeURIComponent(it))
const grid = () => page.getByRole('grid', { name: 'Resources' })

test('facets and words narrow the question, and stand as chips that let go of them', async () => {
  const address = await show()
  await expect.element(grid().getByRole('link', { name: 'manifests' })).toBeVisible()
  const narrowed = { ...answer, items: [labels], total: 1 }
  serve(LIST, narrowed, { state: 'healthy' })
  const box = page.getByRole('checkbox', { name: /^Healthy/ })
  box.element().focus()
  await userEvent.keyboard(' ')
  await expect.poll(address).toContain('state=healthy')
  await expect.element(page.getByText('1 resource fits', { exact: false })).toBeVisible()
  await expect.element(grid().getByRole('link', { name: 'manifests' })).not.toBeInTheDocument()
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find resources' }), 'lab')
  await expect
    .poll(() => questions().some((it) => it.includes('state=healthy') && it.includes('q=lab')))
    .toBe(true)
  await userEvent.click(page.getByRole('button', { name: /Remove.*Healthy/ }))
  await expect.poll(address).not.toContain('state=')
  expect(address()).toContain('q=lab')
})

test('what has no region can be asked for, and is asked as such', async () => {
  await show('?region=-')
  await expect.poll(() => questions().some((it) => /[?&]region=(&|$)/.test(it))).toBe(true)
  await expect.element(page.getByRole('checkbox', { name: /No region/ })).toBeChecked()
})

test('a new filter keeps the rows of the one before until its own are here', async () => {
  await show()
  await expect.element(grid()).toBeVisible()
  let answerNow: (body: object) => void = () => undefined
  const held = new Promise<object>((resolve) => {
    answerNow = resolve
  })
  serve(LIST, () => held, { state: 'healthy' })
  const box = page.getByRole('checkbox', { name: /^Healthy/ })
  box.element().focus()
  await userEvent.keyboard(' ')
  await expect.element(grid()).toHaveAttribute('aria-busy', 'true')
  await expect.element(grid().getByRole('link', { name: 'manifests' })).toBeInTheDocument()
  answerNow({ ...answer, items: [labels], total: 1 })
  await expect.element(grid()).toHaveAttribute('aria-busy', 'false')
  await expect.element(grid().getByRole('link', { name: 'manifests' })).not.toBeInTheDocument()
})

test('columns and order stand in the address; the order is the server’s', async () => {
  const address = await show()
  await userEvent.click(grid().getByRole('button', { name: 'Name' }))
  await expect.poll(() => questions().some((it) => it.includes('sort=name'))).toBe(true)
  await userEvent.click(page.getByRole('button', { name: 'Columns' }))
  await userEvent.click(page.getByRole('menuitemcheckbox', { name: 'Id' }))
  await expect.poll(address).toMatch(/columns=.*id/)
  await expect.element(grid().getByRole('columnheader', { name: 'Id', exact: true })).toBeVisible()
})

test('a kind that Merlon does not know says so, and a thing without a name goes by its id', async () => {
  await show()
  const row = grid().getByRole('row').filter({ hasText: 'not described' })
  await expect.element(row).toHaveTextContent('AWS::Odd::Thing')
  await expect.element(row.getByRole('link', { name: 'arn:aws:odd:::thing' })).toBeVisible()
})

test('the file is asked for with the filters of the list', async () => {
  await show('?severity=critical&sort=name')
  await userEvent.click(page.getByRole('button', { name: 'Download' }))
  await userEvent.click(page.getByRole('menuitem', { name: /CSV/ }))
  await expect
    .poll(() => requests.filter((it) => it.accept.includes('csv')).map((it) => it.path))
    .toEqual([
      expect.stringMatching(/^\/api\/v1\/resources\?(?=.*severity=critical)(?=.*sort=name)(?!.*limit)/),
    ])
})

test('a view that was saved goes back to what it was saved of', async () => {
  const address = await show('?state=unhealthy')
  await userEvent.click(page.getByRole('button', { name: 'Views' }))
  await userEvent.click(page.getByRole('menuitem', { name: 'Save this view…' }))
  await userEvent.fill(page.getByRole('textbox', { name: /Name/ }), 'What is wrong')
  await userEvent.keyboard('{Enter}')
  const views = page.getByRole('button', { name: 'What is wrong' })
  await expect.element(views).toBeVisible()
  await userEvent.click(page.getByRole('button', { name: 'Clear all' }))
  await expect.poll(address).not.toContain('state=')
  await userEvent.click(page.getByRole('button', { name: 'All resources' }))
  await userEvent.click(page.getByRole('menuitem', { name: 'What is wrong' }))
  await expect.poll(address).toContain('state=unhealthy')
})

test('keys walk the list and open a resource beside it, which Escape closes', async () => {
  serve(`/api/v1/resources/${encodeURIComponent(labels.id)}`, {
    ...labels,
    assessments: [],
    neighbours: [],
    moreNeighbours: 0,
    hiddenNeighbours: 0,
    labels: [],
    toReview: [],
    decisions: [],
    can: [],
    collected: true,
  })
  const address = await show()
  const row = grid().getByRole('row').nth(1)
  await expect.element(row).toBeVisible()
  row.element().focus()
  await userEvent.keyboard('j')
  await expect.element(grid().getByRole('row').nth(2)).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => decodeURIComponent(address())).toContain(`open=${labels.id}`)
  await expect.element(page.getByRole('complementary', { name: 'labels' })).toBeVisible()
  await userEvent.keyboard('{Escape}')
  await expect.poll(address).not.toContain('open=')
})

test('nothing that fits lets one clear the filters; nothing at all says how to begin', async () => {
  serve(LIST, { items: [], total: 0, facets: [], asOf: 7 })
  const address = await show('?q=nothing')
  await userEvent.click(page.getByRole('button', { name: 'Clear all filters' }))
  await expect.poll(address).not.toContain('q=')
  await expect.element(page.getByRole('heading', { name: 'No resources yet' })).toBeVisible()
  await expect
    .element(page.getByRole('link', { name: 'Import an export' }))
    .toHaveAttribute('href', '/environments')
})

test('a list that cannot be had is tried again; one that one may not see says whom to ask', async () => {
  serve(LIST, { detail: 'the database is away', code: 'unavailable' }, {}, 503)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('The database is away.')
  serve(LIST, answer)
  await userEvent.click(page.getByRole('button', { name: 'Try again' }))
  await expect.element(grid()).toBeVisible()
  serve(LIST, { detail: 'no role', code: 'forbidden' }, { q: 'x' }, 403)
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find resources' }), 'x')
  await expect.element(page.getByText('Your roles do not include this')).toBeVisible()
})
