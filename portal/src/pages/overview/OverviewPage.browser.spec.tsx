import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { answer as attacks } from '../attack-paths/fixture'
import { showPage } from '#/test/page'
import { OverviewPage } from './OverviewPage'

const facet = (name: string, counts: Record<string, number>) => ({
  name,
  values: Object.entries(counts).map(([value, count]) => ({ value, count })),
  more: 0,
})
const fix = (id: string, title: string, gain: number, unhealthy: number) => ({
  id,
  title,
  severity: 'high',
  gain,
  counted: { healthy: 1, unhealthy, unknown: 0, notApplicable: 0 },
})
const open = {
  items: [
    fix('aws.many', 'Many small ones', 2, 40),
    fix('aws.few', 'A large one', 1, 1),
    fix('aws.none', 'Worth nothing', 0, 3),
  ],
  total: 3,
  facets: [facet('severity', { critical: 2, high: 1 })],
  asOf: 7,
}
const resources = {
  items: [],
  total: 485,
  facets: [facet('state', { unhealthy: 62, notAssessed: 9 })],
  asOf: 7,
}
const score = { current: 30, max: 60, percent: 50, assessedPercent: 90 }

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [], asOf: 7 })
  serve('/api/v1/score', { score, controls: [], riskBased: { percent: 40, knownAsOf: 7, open: {} } })
  serve('/api/v1/score/trend', [])
  serve('/api/v1/recommendations', open)
  serve('/api/v1/resources', resources)
  serve('/api/v1/coverage', {
    totals: { unknown: 67, undescribed: 4, full: 1, partly: 0, none: 0 },
    scopes: [],
  })
  serve('/api/v1/standards', [])
  serve('/api/v1/attack-paths', attacks)
})

const show = (search = '') =>
  showPage({ path: '/', component: OverviewPage, search: (it) => it, at: `/${search}` })

test('the sentence says what is open, and each number of it leads to that', async () => {
  await show()
  await expect
    .element(page.getByText(/of 3 open recommendations concern 62 resources of 485; the secure score is 50/))
    .toBeVisible()
  const sentence = page.getByText(/the secure score is 50/)
  await expect
    .element(sentence.getByRole('link', { name: '2 critical' }))
    .toHaveAttribute('href', '/recommendations?state=unhealthy&severity=critical')
  await expect
    .element(page.getByRole('link', { name: '67 assessments without a verdict' }))
    .toHaveAttribute('href', '/inventory?state=unknown')
})

test('what gains most for each resource stands first, and what gains nothing is left out', async () => {
  await show()
  const rows = page.getByRole('table').getByRole('row')
  await expect.element(rows.nth(1)).toHaveTextContent('A large one')
  await expect.element(rows.nth(2)).toHaveTextContent('Many small ones')
  expect(rows.elements()).toHaveLength(3)
})

test('everything but the standards is asked of the scope that the portal is narrowed to', async () => {
  serve('/api/v1/scopes', {
    items: [{ id: 'aws:111122223333', name: 'quay', score: { ...score, percent: 61 } }],
  })
  await show('?scope=aws:111122223333')
  await expect.element(page.getByText(/the secure score is 61/)).toBeVisible()
  for (const path of ['recommendations', 'resources', 'coverage', 'score/trend']) {
    const questions = asked.filter((it) => it.startsWith(`/api/v1/${path}?`))
    expect(questions, path).not.toEqual([])
    for (const it of questions) expect(decodeURIComponent(it)).toContain('scope=aws:111122223333')
  }
  // The score by risk is known of the whole alone.
  await expect.element(page.getByText(/by risk:/)).not.toBeInTheDocument()
})

test('a part that cannot be had is said to be so, and takes nothing else away', async () => {
  serve('/api/v1/score', { detail: 'the database is away', code: 'unavailable' }, {}, 503)
  serve('/api/v1/standards', { detail: 'it takes a role on the whole tenant', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(page.getByText('The score could not be had. The database is away.')).toBeVisible()
  await expect.element(page.getByText('Nothing was judged yet.')).not.toBeInTheDocument()
  await expect
    .element(page.getByRole('alert').filter({ hasText: 'Your roles do not include this' }))
    .toBeVisible()
  await expect.element(page.getByText('A large one')).toBeVisible()
})

test('when resources cannot be had, that is said rather than waited for, and can be tried again', async () => {
  serve('/api/v1/resources', { detail: 'the database is away', code: 'unavailable' }, {}, 503)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('The database is away.')
  serve('/api/v1/resources', resources)
  await userEvent.click(page.getByRole('button', { name: 'Try again' }))
  await expect.element(page.getByText(/concern 62 resources of 485/)).toBeVisible()
})

test('before anything was imported, the page says how to begin', async () => {
  serve('/api/v1/resources', { ...resources, total: 0, facets: [] })
  serve('/api/v1/recommendations', { ...open, items: [], total: 0, facets: [] })
  await show()
  await expect
    .element(page.getByRole('link', { name: 'Import an export' }))
    .toHaveAttribute('href', '/environments')
})

test('attack paths to what matters are told with the worst of them', async () => {
  await show()
  const tile = page.getByRole('region', { name: 'Attack paths' })
  await expect.element(tile.getByText(/attack paths? reach/)).toBeVisible()
  await expect
    .element(tile.getByRole('listitem').first().getByRole('link'))
    .toHaveAttribute('href', expect.stringMatching(/^\/attack-paths\?path=/))
})

test('who may not ask for attack paths has no tile of them', async () => {
  serve('/api/v1/attack-paths', { detail: 'it takes the whole tenant', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(page.getByText('A large one')).toBeVisible()
  await expect.element(page.getByRole('region', { name: 'Attack paths' })).not.toBeInTheDocument()
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument()
})

test('what changed since the last visit is counted from the commit that was seen then', async () => {
  const before = Date.now() - 3 * 3_600_000
  localStorage.setItem('merlon.visit', JSON.stringify({ baseline: null, latest: 4, at: before }))
  const none = { appeared: [], changed: [], vanished: [], mended: [], lostSight: [] }
  serve('/api/v1/diff', { ...none, broke: ['a', 'b'] }, { from: '4' })
  await show()
  await expect.element(page.getByRole('heading', { name: 'Since your last visit' })).toBeVisible()
  await expect
    .element(page.getByRole('link', { name: '2 assessments broke' }))
    .toHaveAttribute('href', '/changes?from=4')
})
