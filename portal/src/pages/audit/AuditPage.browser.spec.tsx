import { forgetAnswers, requests, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { AuditPage } from './AuditPage'
import { auditSearch } from './search'

const line = (sequence: number) => ({
  sequence,
  at: '2026-11-02T10:00:00Z',
  actor: 'Ada',
  action: `act.${sequence}`,
  object: 'x',
  detail: { address: '127.0.0.1', more: { deep: true } },
})
const from = (newest: number, n: number) => Array.from({ length: n }, (_, at) => line(newest - at))

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/audit', { items: from(130, 100), next: 'NA', asOf: 7 })
  serve('/api/v1/audit', { items: from(30, 30), asOf: 7 }, { cursor: 'NA' })
})

const show = (search = '') =>
  showPage({ path: '/audit', component: AuditPage, search: auditSearch, at: `/audit${search}` })

test('a line far down opens with all that it says, as the newest does', async () => {
  const address = await show()
  const grid = page.getByRole('grid', { name: 'Audit log' })
  await expect
    .element(page.getByText('130 lines, each chained to the one before', { exact: false }))
    .toBeVisible()
  grid.getByRole('row').nth(1).element().focus()
  // There is a second page: the end is known when it is here, and the keys go on from there.
  await userEvent.keyboard('{End}')
  await expect.element(grid.getByText('act.1', { exact: true })).toBeVisible()
  await expect.element(grid.getByRole('row').filter({ hasText: 'act.1' }).last()).toHaveFocus()
  await userEvent.keyboard('k')
  await expect.element(grid.getByRole('row').filter({ hasText: 'act.2' }).last()).toHaveFocus()
  await userEvent.click(grid.getByText('act.1', { exact: true }))
  await expect.poll(address).toContain('open=1')
  const panel = page.getByRole('complementary', { name: /act\.1/ })
  await expect.element(panel).toHaveTextContent('{"deep":true}')
  await userEvent.keyboard('{Escape}')
  await expect.element(panel).not.toBeInTheDocument()
})

test('the whole log is a file, not the page that is shown', async () => {
  await show()
  await userEvent.click(page.getByRole('button', { name: 'Download' }))
  await userEvent.click(page.getByRole('menuitem', { name: /NDJSON/ }))
  await expect
    .poll(() => requests.filter((it) => it.accept.includes('ndjson')).map((it) => it.path))
    .toEqual([expect.not.stringContaining('cursor')])
})

test('who may not read it is told', async () => {
  serve('/api/v1/audit', { detail: 'it takes audit.read', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})
