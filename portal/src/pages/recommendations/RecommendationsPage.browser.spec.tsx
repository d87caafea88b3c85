import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { RecommendationsPage } from './RecommendationsPage'
import { recommendationsSearch } from './search'

const LIST = '/api/v1/recommendations'
const counts = { healthy: 1, unhealthy: 4, unknown: 0, notApplicable: 0 }
const line = (id: string, title: string) => ({
  id,
  title,
  severity: 'high',
  risk: 'critical',
  byRisk: { critical: 1, high: 0, medium: 0, low: 0 },
  cloud: 'aws',
  category: 's3',
  state: 'unhealthy',
  control: 'restrict',
  controlPoints: 4,
  gain: 0.5,
  scored: true,
  judged: counts,
  counted: counts,
  exempt: 0,
  since: 1,
})
const answer = {
  items: [line('aws.open', 'Bucket is open'), line('aws.log', 'Bucket has no log')],
  total: 2,
  facets: [
    { name: 'severity', values: [{ value: 'high', count: 2 }], more: 0 },
    { name: 'cloud', values: [{ value: 'aws', count: 2 }], more: 0 },
  ],
  asOf: 7,
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [] })
  serve('/api/v1/controls', [
    { id: 'restrict', title: 'Restrict access', points: 4, checks: [], description: '' },
  ])
  serve('/api/v1/standards', [])
  serve(LIST, answer)
  serve(LIST, { ...answer, items: [answer.items[0]], total: 1 }, { risk: 'critical' })
})

const show = (search = '') =>
  showPage({
    path: '/recommendations',
    component: RecommendationsPage,
    search: recommendationsSearch,
    at: `/recommendations${search}`,
  })
const grid = () => page.getByRole('grid', { name: 'Recommendations' })
const questions = () => asked.filter((it) => it.startsWith(`${LIST}?`))

test('the sentence says how much is open, what is urgent, and where to begin', async () => {
  await show()
  await expect.element(page.getByText(/2 recommendations are open/)).toBeVisible()
  await expect
    .element(page.getByRole('link', { name: '1 of them of critical risk here' }))
    .toHaveAttribute('href', '/recommendations?risk=critical')
  await expect.element(page.getByText(/open on 4 resources/)).toBeVisible()
})

test('order and filters are the server’s, and stand in the address', async () => {
  const address = await show()
  await userEvent.click(grid().getByRole('button', { name: 'Severity' }))
  await expect.poll(address).toContain('sort=urgency')
  await expect.poll(() => questions().some((it) => it.includes('sort=urgency'))).toBe(true)
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find recommendations' }), 'open')
  await expect.poll(() => questions().some((it) => it.includes('q=open'))).toBe(true)
})

test('ticked ones go into the basket of the score together, and are exempted together', async () => {
  serve('/api/v1/me', { can: ['exemption.write'], account: { displayName: 'Ada' } })
  serve('POST /api/v1/exemptions/preview', { detail: 'no', code: 'invalid', fields: [] }, {}, 422)
  await show()
  await expect.element(grid().getByRole('row').nth(1)).toBeVisible()
  grid().getByRole('row').nth(1).element().focus()
  await userEvent.keyboard('xjx')
  await expect.element(page.getByText('2 recommendations · 2 selected')).toBeVisible()
  await expect
    .element(page.getByRole('link', { name: 'What if these were mended?' }))
    .toHaveAttribute('href', '/score?fix=aws.open&fix=aws.log')
  await userEvent.click(page.getByRole('button', { name: 'Exempt', exact: true }))
  const dialog = page.getByRole('dialog', { name: 'Exempt 2 checks' })
  await expect.element(dialog).toBeVisible()
  // Who changes their mind has not ticked in vain.
  await userEvent.click(dialog.getByRole('button', { name: 'Cancel' }))
  await expect.element(dialog).not.toBeInTheDocument()
  await expect.element(page.getByText('2 recommendations · 2 selected')).toBeVisible()
})

test('one opens beside the list by a key, and Escape closes it', async () => {
  const rest = {
    blindSpots: '',
    cli: [],
    kinds: [],
    references: [],
    standards: {},
    status: 'stable',
    steps: [],
    techniques: [],
    unhealthy: 'true',
    why: 'Because.',
    can: [],
  }
  for (const it of answer.items) serve(`${LIST}/${it.id}`, { ...it, ...rest })
  serve('/api/v1/assessments', { items: [], total: 0, facets: [], asOf: 7 })
  const address = await show()
  await expect.element(grid().getByRole('row').nth(1)).toBeVisible()
  grid().getByRole('row').nth(1).element().focus()
  await userEvent.keyboard('{Enter}')
  await expect.poll(address).toContain('open=aws.open')
  await userEvent.keyboard('{Escape}')
  await expect.poll(address).not.toContain('open=')
})

test('where nothing is open, that is said and nobody is sent anywhere', async () => {
  serve(LIST, { items: [], total: 0, facets: [], asOf: 7 })
  serve(LIST, { items: [], total: 0, facets: [], asOf: 7 }, { risk: 'critical' })
  await show()
  await expect
    .element(page.getByText('Nothing is open here: every check that could be judged passes.'))
    .toBeVisible()
  await expect.element(page.getByRole('heading', { name: 'No recommendation fits' })).toBeVisible()
})

test('who may not see them is told', async () => {
  serve(LIST, { detail: 'no role', code: 'forbidden' }, {}, 403)
  serve(LIST, { detail: 'no role', code: 'forbidden' }, { risk: 'critical' }, 403)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})
