import { forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { CompliancePage } from './CompliancePage'
import { standardSearch } from './search'
import { StandardPage } from './StandardPage'

const line = (id: string, failed: number, manual = 0) => ({
  id,
  title: `Standard ${id}`,
  passed: 3,
  failed,
  unknown: 1,
  notAssessed: 0,
  manual,
})
const requirement = (id: string, state: string, more: object = {}) => ({
  id,
  title: `Requirement ${id}`,
  family: 'Identity',
  state,
  checks: [],
  healthy: 0,
  unhealthy: 0,
  unknown: 0,
  ...more,
})
const standard = {
  ...line('cis', 1, 1),
  can: ['attestation.write'],
  requirements: [
    requirement('1.1', 'failed', { checks: ['aws.mfa', 'aws.none'], unhealthy: 4, healthy: 2 }),
    requirement('1.2', 'manual'),
  ],
}
const attestation = '/api/v1/standards/cis/requirements/1.2/attestation'

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/standards', [line('cis', 5), line('nist', 9, 2)])
  serve('/api/v1/standards/cis', standard)
  const counted = { healthy: 2, unhealthy: 4, unknown: 0, notApplicable: 0 }
  const check = { id: 'aws.mfa', title: 'User has no MFA', severity: 'high', state: 'unhealthy', counted }
  serve('/api/v1/recommendations', {
    items: [check, { ...check, id: 'aws.none', title: 'Nothing to judge', state: 'notApplicable' }],
    total: 2,
    facets: [],
    asOf: 7,
  })
})

const list = () =>
  showPage({ path: '/compliance', component: CompliancePage, search: (it) => it, at: '/compliance' })
const show = (search = '') =>
  showPage({
    path: '/compliance/$standard',
    component: StandardPage,
    search: standardSearch,
    at: `/compliance/cis${search}`,
  })
const attest = () => page.getByRole('button', { name: 'Attest', exact: true })

test('the worst standard is named, and its failed requirements are one press away', async () => {
  await list()
  await expect
    .element(page.getByText(/Most is failing in/).getByRole('link', { name: 'Standard nist' }))
    .toHaveAttribute('href', '/compliance/nist?state=failed')
})

test('where nothing fails nobody is sent there', async () => {
  serve('/api/v1/standards', [line('cis', 0)])
  await list()
  await expect
    .element(page.getByText('1 standard is judged with every import. No requirement fails.'))
    .toBeVisible()
})

test('states and words narrow the requirements, and stand in the address', async () => {
  const address = await show()
  await expect.element(page.getByRole('button', { name: /Requirement 1.1/ })).toBeVisible()
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find requirements' }), '1.2')
  await expect.element(page.getByRole('button', { name: /Requirement 1.1/ })).not.toBeInTheDocument()
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find requirements' }), 'nothing')
  await expect.element(page.getByRole('heading', { name: 'No requirement fits' })).toBeVisible()
  await userEvent.fill(page.getByRole('searchbox', { name: 'Find requirements' }), '')
  await userEvent.click(page.getByRole('button', { name: /Failed/ }))
  await expect.poll(address).toContain('state=failed')
  await expect.element(page.getByRole('button', { name: /Requirement 1.2/ })).not.toBeInTheDocument()
})

test('a requirement shows the checks that judged something; the others on demand', async () => {
  await show('?open=1.1')
  const panel = page.getByRole('complementary', { name: /1.1 Requirement 1.1/ })
  await expect.element(panel.getByRole('link', { name: 'User has no MFA' })).toBeVisible()
  await expect
    .element(panel.getByRole('link', { name: '4 of 6' }))
    .toHaveAttribute('href', '/inventory?check=aws.mfa&state=unhealthy')
  await expect.element(panel.getByText('Nothing to judge')).not.toBeInTheDocument()
  await userEvent.click(panel.getByRole('button', { name: /All 2 checks/ }))
  await expect.element(panel.getByText('Nothing to judge')).toBeVisible()
})

test('an attestation wants a reason, sends its file, and shows as soon as it is recorded', async () => {
  const given = {
    number: 1,
    state: 'compliant',
    comment: 'Seen',
    by: 'Ada',
    at: '2026-11-02T10:00:00Z',
    evidence: [],
  }
  serve(`PUT ${attestation}`, given)
  await show('?open=1.2')
  await expect.element(page.getByText('Nobody has attested anything yet.')).toBeVisible()
  await userEvent.click(page.getByRole('button', { name: 'Attest…' }))
  // Nothing was attested that could be withdrawn.
  await expect.element(page.getByRole('radio', { name: /Withdraw/ })).not.toBeInTheDocument()
  await expect.element(attest()).toHaveAttribute('aria-disabled', 'true')
  await userEvent.fill(page.getByRole('textbox', { name: /^Why/ }), ' Seen ')
  const field = document.querySelector<HTMLInputElement>('input[type="file"]')
  if (field === null) throw new Error('there is no field for files')
  await userEvent.upload(field, new File(['seen'], 'seen.txt', { type: 'text/plain' }))
  serve('/api/v1/standards/cis', {
    ...standard,
    requirements: [requirement('1.2', 'passed', { attestation: given })],
  })
  await userEvent.click(attest())
  await expect
    .poll(() => sentTo('PUT', attestation))
    .toEqual([
      expect.objectContaining({
        state: 'compliant',
        comment: 'Seen',
        until: null,
        evidence: [expect.objectContaining({ name: 'seen.txt' })],
      }),
    ])
  await expect.element(page.getByText('It is met')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Attest anew…' })).toBeVisible()
})

test('a refused attestation keeps what was written', async () => {
  serve(`PUT ${attestation}`, { detail: 'the file is too large', code: 'too-large' }, {}, 413)
  await show('?open=1.2')
  await userEvent.click(page.getByRole('button', { name: 'Attest…' }))
  await userEvent.fill(page.getByRole('textbox', { name: /^Why/ }), 'Seen')
  await userEvent.click(attest())
  await expect.element(page.getByText('The file is too large.')).toBeVisible()
  await expect.element(page.getByRole('textbox', { name: /^Why/ })).toHaveValue('Seen')
})

test('who may not attest sees what was attested and cannot', async () => {
  serve('/api/v1/standards/cis', { ...standard, can: [] })
  await show('?open=1.2')
  await expect.element(page.getByRole('button', { name: 'Attest…' })).toHaveAttribute('aria-disabled', 'true')
})
