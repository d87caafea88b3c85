import { forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { Notices } from '#/ui/notify'
import { ExemptDialog } from './ExemptDialog'

const score = { current: 30, max: 60, percent: 50, assessedPercent: 90 }
const preview = {
  changed: 2,
  fixed: [],
  assessments: [],
  scopes: [],
  standings: [],
  before: score,
  after: { ...score, percent: 52 },
  asOf: 7,
}
interface Wish {
  place: unknown
  category: string
  reason: string
  approver: string
  evidence: string[]
  until: string | null
}
const wished = () => sentTo<Wish>('POST', '/api/v1/exemptions')
const previewed = () => sentTo<Wish>('POST', '/api/v1/exemptions/preview')
const close = vi.fn<() => void>()

beforeEach(async () => {
  forgetAnswers()
  close.mockClear()
  await page.viewport(1400, 1000)
  serve('/api/v1/me', { can: ['exemption.write'], account: { displayName: 'Ada' } })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'quay', depth: 0 }] })
  serve('POST /api/v1/exemptions/preview', preview)
  serve('POST /api/v1/exemptions', { sequence: 8, exemption: 5, assessments: 2 })
})

const show = (resources: { id: string; name: string }[], search = '') =>
  showPage({
    path: '/x',
    component: () => (
      <>
        <ExemptDialog
          checks={[{ id: 'aws.open', title: 'It is open' }]}
          resources={resources}
          close={close}
        />
        <Notices />
      </>
    ),
    search: (it) => it,
    at: `/x${search}`,
  })
const dialog = () => page.getByRole('dialog', { name: 'Exempt: It is open' })
const record = () => dialog().getByRole('button', { name: 'Exempt', exact: true })

test('what it would change is worked out before anybody decides, and words do not ask again', async () => {
  await show([{ id: 'arn:1', name: 'manifests' }])
  await expect
    .element(dialog().getByText('2 assessments would count otherwise', { exact: false }))
    .toBeVisible()
  const before = previewed().length
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Why/ }), 'Accepted')
  await expect.element(record()).not.toHaveAttribute('aria-disabled', 'true')
  expect(previewed().length).toBe(before)
  await userEvent.click(dialog().getByRole('radio', { name: /^Mitigated/ }))
  await expect.poll(() => previewed().at(-1)?.category).toBe('mitigated')
  expect(wished()).toEqual([])
})

test('it is recorded for 30 days in the name of who is signed in, and can be undone', async () => {
  serve('POST /api/v1/exemptions/5/end', { sequence: 9, exemption: 5, assessments: 2 })
  await show([{ id: 'arn:1', name: 'manifests' }])
  await expect.element(dialog().getByText('Say why.')).toBeVisible()
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Why/ }), ' Accepted ')
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Evidence/ }), 'OPS-1\n\n OPS-2')
  await userEvent.click(record())
  await expect.poll(() => close.mock.calls.length).toBe(1)
  const [wish] = wished()
  expect(wish).toMatchObject({
    place: { resource: 'arn:1' },
    reason: 'Accepted',
    approver: 'Ada',
    evidence: ['OPS-1', 'OPS-2'],
  })
  const days = (Date.parse(wish?.until ?? '') - Date.now()) / 86_400_000
  expect(Math.round(days)).toBe(30)
  await userEvent.click(page.getByRole('button', { name: 'Undo' }))
  await expect.poll(() => sentTo('POST', '/api/v1/exemptions/5/end').length).toBe(1)
})

test('several resources are one exemption each', async () => {
  await show([
    { id: 'arn:1', name: 'manifests' },
    { id: 'arn:2', name: 'labels' },
  ])
  await expect.element(dialog().getByText('Each for itself:')).toBeVisible()
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Why/ }), 'Accepted')
  await userEvent.click(record())
  await expect
    .poll(() => wished().map((it) => it.place))
    .toEqual([{ resource: 'arn:1' }, { resource: 'arn:2' }])
})

test('on a page that is narrowed to a scope it begins with that scope', async () => {
  await show([], '?scope=aws:111122223333')
  await expect.element(dialog().getByRole('combobox', { name: 'Scope' })).toHaveValue('aws:111122223333')
  await expect.poll(() => previewed().at(-1)?.place).toEqual({ scope: 'aws:111122223333' })
})

test('a day that is past is refused here already', async () => {
  await show([{ id: 'arn:1', name: 'manifests' }])
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Why/ }), 'Accepted')
  await userEvent.click(dialog().getByRole('radio', { name: 'a day…' }))
  await userEvent.fill(dialog().getByLabelText('Last day'), '2020-01-01')
  await expect.element(dialog().getByText('Choose a day that is yet to come.')).toBeVisible()
  await expect.element(record()).toHaveAttribute('aria-disabled', 'true')
})

test('when the server refuses, the dialog stays with what was written', async () => {
  serve('POST /api/v1/exemptions', { detail: 'an exemption covers this already', code: 'conflict' }, {}, 409)
  await show([{ id: 'arn:1', name: 'manifests' }])
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Why/ }), 'Accepted')
  await userEvent.click(record())
  await expect.element(dialog().getByText('An exemption covers this already.')).toBeVisible()
  await expect.element(dialog().getByRole('textbox', { name: /^Why/ })).toHaveValue('Accepted')
  expect(close).not.toHaveBeenCalled()
})
