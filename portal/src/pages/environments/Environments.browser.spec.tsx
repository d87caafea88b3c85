import { asked, forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { Notices } from '#/ui/notify'
import { EnvironmentsPage } from './EnvironmentsPage'
import { JobsPage } from './JobsPage'
import { jobsSearch } from './jobs-search'

const job = (number: number, state: string, more: object = {}) => ({
  number,
  kind: 'import-upload',
  state,
  actor: 'Ada',
  progress: {},
  result: {},
  attempts: 1,
  runAt: '2026-11-02T10:00:00Z',
  created: '2026-11-02T10:00:00Z',
  can: ['job.manage'],
  ...more,
})
const running = job(2, 'running', { progress: { files: 3, bytes: 5 * 2 ** 20 } })
const done = job(1, 'done', {
  finished: '2026-11-02T10:01:00Z',
  result: { difference: { resources: { added: 4, changed: 1, gone: 0 } }, problems: 2 },
})
const scope = {
  id: 'aws:111122223333',
  name: 'quay',
  cloud: 'aws',
  depth: 0,
  resources: 3,
  unhealthy: 1,
  unknown: 0,
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/me', { can: ['import.run', 'job.manage'], account: {} })
  serve('/api/v1/scopes', {
    items: [scope, { ...scope, id: 'x', name: 'named', resources: 0, unhealthy: 0 }],
  })
  serve('/api/v1/coverage', {
    totals: { full: 1, partly: 0, none: 0, resources: 3, undescribed: 0, unknown: 0 },
    scopes: [],
  })
  serve('/api/v1/jobs', { items: [running, done], asOf: 7 })
})

const show = () =>
  showPage({
    path: '/environments',
    component: () => (
      <>
        <EnvironmentsPage />
        <Notices />
      </>
    ),
    search: (it) => it,
    at: '/environments',
  })
const jobs = (search = '') =>
  showPage({ path: '/jobs', component: JobsPage, search: jobsSearch, at: `/jobs${search}` })
const last = () => page.getByRole('region', { name: 'Last imports' })

test('an import that runs shows how far it is, is looked at again until its end, and then all is asked for anew', async () => {
  await show()
  await expect.element(last().getByText('3 files read, 5 MiB')).toBeVisible()
  await expect.element(last().getByRole('progressbar')).toBeVisible()
  await expect.element(last().getByText('4 new resources, 1 changed, 2 problems')).toBeVisible()
  const scopes = () => asked.filter((it) => it === '/api/v1/scopes').length
  const before = scopes()
  serve('/api/v1/jobs', { items: [{ ...running, state: 'done', result: done.result }, done], asOf: 8 })
  await expect.element(last().getByRole('progressbar')).not.toBeInTheDocument()
  await expect.poll(scopes).toBeGreaterThan(before)
})

test('an import is stopped, and a refusal is said', async () => {
  serve('POST /api/v1/jobs/2/cancel', { detail: 'it has ended already', code: 'conflict' }, {}, 409)
  await show()
  await userEvent.click(last().getByRole('button', { name: 'Stop' }))
  await expect.poll(() => sentTo('POST', '/api/v1/jobs/2/cancel').length).toBe(1)
  await expect.element(page.getByText('It has ended already.')).toBeVisible()
})

test('who may not import cannot, and reads why', async () => {
  serve('/api/v1/me', { can: [], account: {} })
  await show()
  await expect.element(page.getByText(/Your roles do not include importing/)).toBeVisible()
  await expect
    .element(page.getByRole('button', { name: 'Choose files' }))
    .toHaveAttribute('aria-disabled', 'true')
})

test('imports that one may not see are not said to be none', async () => {
  serve('/api/v1/jobs', { detail: 'it takes job.read', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(last().getByRole('alert')).toHaveTextContent('Your roles do not include this')
  await expect.element(last().getByText('Nothing was imported here yet.')).not.toBeInTheDocument()
  await expect.element(page.getByRole('grid', { name: 'Scopes' })).toBeVisible()
})

test('each number of a scope leads to what it counts, and what was only named says so', async () => {
  await show()
  const grid = page.getByRole('grid', { name: 'Scopes' })
  await expect
    .element(grid.getByRole('row').nth(1).getByRole('link', { name: '1', exact: true }))
    .toHaveAttribute('href', '/inventory?scope=aws:111122223333&state=unhealthy')
  await expect.element(grid.getByRole('row').nth(2)).toHaveTextContent('not read')
  await expect.element(page.getByText(/1 scope is named by others, but nothing was read there/)).toBeVisible()
})

test('jobs are narrowed by state; one opens with what it did, and what failed is tried again', async () => {
  const failed = job(3, 'dead', { error: 'the file ends too early' })
  serve('/api/v1/jobs', { items: [failed], asOf: 7 }, { state: 'dead' })
  serve('/api/v1/jobs/3', failed)
  serve('POST /api/v1/jobs/3/revive', { ...failed, state: 'ready', attempts: 0 })
  const address = await jobs('?state=dead')
  await expect
    .element(page.getByText('Nothing runs at the moment; 1 job of the latest failed.'))
    .toBeVisible()
  await userEvent.click(page.getByRole('grid', { name: 'Jobs' }).getByText('the file ends too early'))
  await expect.poll(address).toContain('open=3')
  serve('/api/v1/jobs/3', { ...failed, state: 'ready', attempts: 0 })
  await userEvent.click(page.getByRole('button', { name: 'Try again' }))
  await expect.poll(() => sentTo('POST', '/api/v1/jobs/3/revive').length).toBe(1)
  const panel = page.getByRole('complementary')
  await expect.element(panel.getByText('Waits for its time or its turn')).toBeVisible()
  await expect.element(panel.getByRole('button', { name: 'Stop it' })).toBeVisible()
})

test('who may not manage jobs sees them', async () => {
  serve('/api/v1/jobs/2', { ...running, can: [] })
  await jobs('?open=2')
  await expect.element(page.getByRole('button', { name: 'Stop it' })).toHaveAttribute('aria-disabled', 'true')
})
