import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { AttackStory } from '#/api/queries/attack'
import { showPage } from '#/test/page'
import { AttackPathsPage } from './AttackPathsPage'
import { admin, answer, bucket, internet } from './fixture'
import { attackPathsSearch } from './search'

const HISTORY = '/api/v1/attack-paths/history'

const story = (more: Partial<AttackStory>): AttackStory => {
  const found = { commit: 3, at: '2026-11-12T08:00:00Z' }
  return {
    entry: internet,
    target: admin,
    status: 'open',
    risk: 'critical',
    likelihood: 'high',
    likelihoodValue: 0.7,
    proven: true,
    steps: [{ step: 'aws.test', title: 'Do something' }],
    found,
    lastSeen: { commit: 7, at: '2026-11-20T08:00:00Z' },
    firstFound: found,
    periods: [{ found }],
    ...more,
  }
}

const resolvedAt = { commit: 5, at: '2026-11-15T08:00:00Z' }
const stories = [
  story({ status: 'new', periods: [{ found: resolvedAt, resolved: resolvedAt }, { found: resolvedAt }] }),
  story({ target: bucket, status: 'resolved', risk: 'high', resolved: resolvedAt }),
]
const facets = [
  {
    name: 'status',
    more: 0,
    values: [
      { value: 'new', count: 1 },
      { value: 'resolved', count: 1 },
    ],
  },
  {
    name: 'risk',
    more: 0,
    values: [
      { value: 'critical', count: 1 },
      { value: 'high', count: 1 },
    ],
  },
  { name: 'entry', more: 0, values: [{ value: 'internet', count: 2 }] },
  { name: 'kind', more: 0, values: [{ value: 'aws.account', count: 1 }] },
]
const list = (items: AttackStory[]) => ({ items, total: items.length, asOf: 7, facets })
const none = { low: 0, medium: 0, high: 0, critical: 0, unproven: 0 }
const trend = [
  { ...none, sequence: 3, at: '2026-11-12T08:00:00Z', critical: 1, high: 1 },
  { ...none, sequence: 5, at: '2026-11-15T08:00:00Z', critical: 1 },
]

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [{ sequence: 7, at: '2026-11-20T08:00:00Z' }] })
  serve('/api/v1/content/kinds', [])
  serve('/api/v1/attack-paths', answer)
  serve('/api/v1/attack-paths/trend', trend)
  serve(HISTORY, list(stories))
})

const show = (search = '') =>
  showPage({
    path: '/attack-paths',
    component: AttackPathsPage,
    search: attackPathsSearch,
    at: `/attack-paths${search}`,
  })

test('over time stands how many there were, and which came and went', async () => {
  const address = await show()
  await userEvent.click(page.getByRole('tab', { name: 'Over time' }))
  await expect.poll(address).toContain('tab=time')
  const chart = page.getByRole('slider', {
    name: /Open attack paths: 1 critical, 1 high on .*1 critical since/,
  })
  chart.element().focus()
  await userEvent.keyboard('{Home}')
  await expect.element(chart).toHaveAttribute('aria-valuetext', expect.stringContaining('1 critical, 1 high'))
  await userEvent.keyboard('{ArrowRight}')
  await expect.element(chart).toHaveAttribute('aria-valuetext', expect.stringMatching(/^1 critical,/))
  const grid = page.getByRole('grid', { name: 'Attack paths over time' })
  await expect.element(grid.getByText('New', { exact: true })).toBeVisible()
  await expect.element(grid.getByTitle('It was resolved 1 time and came back.')).toBeVisible()
  // What is open leads to today's path, what is gone to what was threatened.
  await expect
    .element(grid.getByRole('link', { name: 'The internet → larkspur-prod' }))
    .toHaveAttribute('href', '/attack-paths?to=aws:111122223333')
  await expect
    .element(grid.getByRole('link', { name: 'The internet → larkspur-manifests' }))
    .toHaveAttribute('href', expect.stringContaining('/inventory/'))
})

test('a filter stands in the address and goes to the server', async () => {
  serve(HISTORY, list(stories.slice(1)), { status: 'resolved' })
  const address = await show('?tab=time')
  await userEvent.click(page.getByRole('checkbox', { name: /Resolved/ }))
  await expect.poll(address).toContain('status=resolved')
  await expect.poll(() => asked.some((it) => it.includes(`${HISTORY}?status=resolved`))).toBe(true)
  await expect
    .element(page.getByRole('grid').getByRole('link', { name: 'The internet → larkspur-prod' }))
    .not.toBeInTheDocument()
})

test('on a phone it is a list of cards below the chart', async () => {
  await page.viewport(390, 900)
  await show('?tab=time')
  await expect.element(page.getByText('The internet → larkspur-manifests')).toBeVisible()
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390)
})

test('where nothing was found yet it says what would stand here', async () => {
  serve('/api/v1/attack-paths/trend', [])
  serve(HISTORY, { items: [], total: 0, asOf: 0, facets: [] })
  await show('?tab=time')
  await expect.element(page.getByRole('heading', { name: 'No path was found so far' })).toBeVisible()
  await expect.element(page.getByText(/worked out some seconds behind each change/)).toBeVisible()
})

test('today says since when each path is there, and which are new', async () => {
  const [first, second] = answer.paths
  if (first === undefined || second === undefined) throw new Error('the fixture has two paths')
  serve('/api/v1/attack-paths', {
    ...answer,
    paths: [
      { ...first, status: 'open', since: '2026-01-01T00:00:00Z' },
      { ...second, status: 'new', since: '2026-11-19T00:00:00Z' },
    ],
  })
  const address = await show()
  const grid = page.getByRole('grid', { name: 'Attack paths' })
  await expect.element(grid.getByText('New', { exact: true })).toBeVisible()
  await userEvent.click(page.getByRole('switch', { name: 'Only 1 new' }))
  await expect.poll(address).toContain('new=true')
  await expect.element(grid.getByText('The internet → larkspur-prod')).not.toBeInTheDocument()
  await expect.element(grid.getByText('The internet → larkspur-manifests')).toBeVisible()
})
