import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { ChangesPage } from './ChangesPage'
import { changesSearch } from './search'

const commit = (sequence: number) => ({
  sequence,
  at: '2026-11-02T10:00:00Z',
  actor: 'cli',
  kind: 'import',
  summary: `import ${sequence}`,
  counts: {},
})
const difference = {
  from: 4,
  to: 5,
  fromAt: '2026-11-01T10:00:00Z',
  toAt: '2026-11-02T10:00:00Z',
  appeared: Array.from({ length: 130 }, (_, n) => `arn:aws:s3:::bucket-${n}`),
  changed: [],
  vanished: ['arn:aws:s3:::old'],
  broke: [{ check: 'aws.s3.open', resource: 'arn:aws:s3:::manifests' }],
  mended: [],
  lostSight: [],
}

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [commit(5), commit(4)], asOf: 5 })
  serve('/api/v1/diff', difference)
})

const show = (search = '') =>
  showPage({ path: '/changes', component: ChangesPage, search: changesSearch, at: `/changes${search}` })

test('a commit opens what it changed, and since before it until now', async () => {
  const address = await show()
  expect(asked.filter((it) => it.startsWith('/api/v1/diff'))).toEqual([])
  await userEvent.click(page.getByRole('link', { name: 'What commit 5 changed' }))
  await expect.poll(address).toBe('/changes?from=4&to=5')
  await expect.element(page.getByText(/From commit 4 to 5, 1 assessment broke/)).toBeVisible()
  expect(asked).toContain('/api/v1/diff?from=4&to=5')
  await userEvent.click(page.getByRole('link', { name: 'All changes from commit 4 until now' }))
  await expect.poll(address).toBe('/changes?from=3')
  await expect.poll(() => asked).toContain('/api/v1/diff?from=3')
})

test('what is different leads to where it is; a long list says how much it leaves out', async () => {
  await show('?from=4&to=5')
  const broke = page.getByRole('region', { name: 'Broke' })
  await expect
    .element(broke.getByRole('link', { name: 'aws.s3.open' }))
    .toHaveAttribute('href', '/recommendations/aws.s3.open')
  const appeared = page.getByRole('region', { name: 'Appeared' })
  await expect.element(appeared.getByText(/and 30 more/)).toBeVisible()
  // What is gone has no page that a link could open.
  await expect
    .element(page.getByRole('region', { name: 'Vanished' }).getByRole('link'))
    .not.toBeInTheDocument()
  await expect.element(page.getByRole('region', { name: 'Mended' })).not.toBeInTheDocument()
})

test('a difference that cannot be had leaves the list of commits', async () => {
  serve('/api/v1/diff', { detail: 'commit 1 is no longer kept', code: 'not-found' }, {}, 404)
  await show('?from=1')
  await expect.element(page.getByRole('alert')).toHaveTextContent('Commit 1 is no longer kept.')
  await expect.element(page.getByRole('link', { name: 'What commit 5 changed' })).toBeVisible()
})
