import { asked, forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { ExemptionsPage } from './ExemptionsPage'
import { exemptionsSearch } from './search'

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const exemption = (number: number, more: object = {}) => ({
  number,
  target: { check: `aws.check-${number}` },
  place: 'everywhere',
  category: 'waiver',
  reason: `reason ${number}`,
  approver: 'Ada',
  evidence: [],
  from: inDays(-10),
  until: inDays(60),
  active: true,
  can: ['exemption.write'],
  ...more,
})
const items = [
  exemption(1, { until: null }),
  exemption(2, { until: inDays(3), place: { resource: 'arn:aws:s3:::manifests' } }),
  exemption(3, { active: false, reason: 'long over' }),
]

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [] })
  serve('/api/v1/controls', [])
  serve('/api/v1/content/checks', [])
  serve('/api/v1/exemptions', { items, total: 3, asOf: 7 })
  serve('/api/v1/assessments', { items: [], total: 0, facets: [], asOf: 7 })
})

const show = (search = '') =>
  showPage({
    path: '/exemptions',
    component: ExemptionsPage,
    search: exemptionsSearch,
    at: `/exemptions${search}`,
  })
const rows = () => page.getByRole('grid', { name: 'Exemptions' }).getByRole('row')

test('what has no end and what ends next are said first', async () => {
  await show()
  await expect
    .element(page.getByText('2 exemptions count now, 1 of them without an end.', { exact: false }))
    .toBeVisible()
  await expect
    .element(page.getByRole('link', { name: 'aws.check-2 on one resource' }))
    .toHaveAttribute('href', '/exemptions?open=2')
})

test('states narrow the list; what is ending is active, too', async () => {
  await show('?state=active')
  await expect.poll(() => rows().elements().length).toBe(3)
  await userEvent.click(page.getByRole('tab', { name: 'Ended' }))
  await expect.poll(() => rows().elements().length).toBe(2)
  await expect.element(rows().nth(1)).toHaveTextContent('long over')
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find exemptions' }), 'nothing')
  await expect.element(page.getByRole('heading', { name: 'No exemption fits' })).toBeVisible()
})

test('one is ended after a question, and nothing happens without its answer', async () => {
  serve('POST /api/v1/exemptions/2/end', { sequence: 8, exemption: 2, assessments: 4 })
  const address = await show('?open=2')
  await userEvent.click(page.getByRole('button', { name: 'End it now…' }))
  await userEvent.click(page.getByRole('button', { name: 'Keep it' }))
  expect(sentTo('POST', '/api/v1/exemptions/2/end')).toEqual([])
  await userEvent.click(page.getByRole('button', { name: 'End it now…' }))
  await userEvent.click(page.getByRole('button', { name: 'End it', exact: true }))
  await expect.poll(() => sentTo('POST', '/api/v1/exemptions/2/end').length).toBe(1)
  await expect.poll(address).not.toContain('open=')
})

test('what counts otherwise is asked for by target and place', async () => {
  await show('?open=2')
  await expect
    .poll(() =>
      asked
        .filter((it) => it.startsWith('/api/v1/assessments?'))
        .map(decodeURIComponent)
        .at(-1),
    )
    .toMatch(/(?=.*exempt=true)(?=.*check=aws.check-2)(?=.*resource=arn:aws:s3:::manifests)/)
})

test('what has ended is not ended again, and who may not cannot', async () => {
  serve('/api/v1/exemptions', { items: [exemption(2, { can: [] }), items[2]], total: 2, asOf: 7 })
  await show('?open=3')
  await expect.element(page.getByText('It has ended and no longer counts.')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'End it now…' })).not.toBeInTheDocument()
  await userEvent.click(rows().nth(1).getByText('reason 2'))
  await expect
    .element(page.getByRole('button', { name: 'End it now…' }))
    .toHaveAttribute('aria-disabled', 'true')
})

test('none at all says what they are for', async () => {
  serve('/api/v1/exemptions', { items: [], total: 0, asOf: 7 })
  await show()
  await expect.element(page.getByRole('heading', { name: 'Nothing is exempted' })).toBeVisible()
  await expect.element(page.getByRole('link', { name: 'To the recommendations' })).toBeVisible()
})
