import { forgetAnswers, sentTo, requests, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { Notices } from '#/ui/notify'
import { AccessPage } from './AccessPage'
import { accessSearch } from './search'

const user = (number: number, displayName: string, more: object = {}) => ({
  number,
  name: displayName.toLowerCase(),
  displayName,
  kind: 'person',
  active: true,
  password: true,
  provider: false,
  mustChangePassword: false,
  secondFactor: false,
  app: false,
  passkeys: 0,
  created: '2026-11-02T10:00:00Z',
  can: ['user.manage', 'token.manage'],
  ...more,
})
const grant = {
  number: 9,
  account: 2,
  role: 'reader',
  scope: 'aws:111122223333',
  created: '2026-11-02T10:00:00Z',
  createdBy: 'Ada',
  can: ['grant.manage'],
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/me', { can: ['user.manage', 'grant.manage', 'token.manage'], account: { number: 1 } })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'quay', depth: 0 }] })
  serve('/api/v1/roles', [{ role: 'reader', may: ['scope.read'], may_on_tenant: [] }])
  serve('/api/v1/users', { items: [user(1, 'Ada', { secondFactor: true }), user(2, 'Bo')], asOf: 7 })
  serve('/api/v1/groups', { items: [], asOf: 7 })
  serve('/api/v1/grants', {
    items: [{ ...grant, number: 1, account: 1, role: 'owner', scope: null }, grant],
    asOf: 7,
  })
  serve('/api/v1/tokens', { items: [], asOf: 7 })
})

const show = (search = '') =>
  showPage({
    path: '/access',
    component: () => (
      <>
        <AccessPage />
        <Notices />
      </>
    ),
    search: accessSearch,
    at: `/access${search}`,
  })
const dialog = () => page.getByRole('dialog')
const fill = async () => {
  await userEvent.click(page.getByRole('button', { name: 'Add an account' }))
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Name\W*$/ }), 'Cy Fern')
  await userEvent.fill(dialog().getByRole('textbox', { name: /^Name to sign in with/ }), 'cy')
  await userEvent.fill(dialog().getByLabelText(/^First password/), 'nine blue lamps')
}

test('the sentence counts owners of everything, and who signs in with a password alone', async () => {
  await show()
  await expect
    .element(
      page.getByText(
        '2 people and 0 service accounts; 1 owner of everything, and 1 person signs in with a password alone.',
      ),
    )
    .toBeVisible()
})

test('a person is added with the first role at a scope', async () => {
  serve('POST /api/v1/users', user(3, 'Cy Fern'))
  serve('POST /api/v1/grants', { ...grant, number: 10, account: 3 })
  await show()
  await fill()
  await userEvent.selectOptions(dialog().getByRole('combobox', { name: /^Where/ }), 'aws:111122223333')
  await userEvent.click(dialog().getByRole('button', { name: 'Add' }))
  await expect
    .poll(() => sentTo('POST', '/api/v1/grants'))
    .toEqual([{ account: 3, role: 'reader', scope: 'aws:111122223333' }])
  expect(sentTo('POST', '/api/v1/users')).toEqual([
    { kind: 'person', name: 'cy', displayName: 'Cy Fern', password: 'nine blue lamps' },
  ])
  await expect.element(dialog()).not.toBeInTheDocument()
})

test('when the role is refused, trying again makes no second account', async () => {
  serve('POST /api/v1/users', user(3, 'Cy Fern'))
  serve('POST /api/v1/grants', { detail: 'you may not give this role there', code: 'forbidden' }, {}, 403)
  await show()
  await fill()
  await userEvent.click(dialog().getByRole('button', { name: 'Add' }))
  await expect.element(dialog().getByText(/You may not give this role there/)).toBeVisible()
  serve('POST /api/v1/grants', { ...grant, number: 10, account: 3 })
  await userEvent.click(dialog().getByRole('button', { name: 'Add' }))
  await expect.element(dialog()).not.toBeInTheDocument()
  expect(sentTo('POST', '/api/v1/users')).toHaveLength(1)
  expect(sentTo('POST', '/api/v1/grants')).toHaveLength(2)
})

test('a password that is too short is not sent, and a machine needs none', async () => {
  await show()
  await fill()
  await userEvent.fill(dialog().getByLabelText(/^First password/), 'short')
  await expect.element(dialog().getByText('The first password needs at least 12 characters.')).toBeVisible()
  await expect.element(dialog().getByRole('button', { name: 'Add' })).toHaveAttribute('aria-disabled', 'true')
  await userEvent.click(dialog().getByRole('radio', { name: /A machine/ }))
  await expect.element(dialog().getByLabelText(/^First password/)).not.toBeInTheDocument()
  await expect
    .element(dialog().getByRole('button', { name: 'Add' }))
    .not.toHaveAttribute('aria-disabled', 'true')
})

test('a role is taken away and given back as it was', async () => {
  serve('DELETE /api/v1/grants/9', {})
  serve('POST /api/v1/grants', { ...grant, number: 10 })
  await show('?tab=roles')
  const row = page.getByRole('grid', { name: 'Roles' }).getByRole('row').filter({ hasText: 'Bo' })
  await expect.element(row).toHaveTextContent('quay')
  await userEvent.hover(row)
  await userEvent.click(row.getByRole('button', { name: 'Take away' }))
  await expect
    .poll(() => requests.some((it) => it.method === 'DELETE' && it.path === '/api/v1/grants/9'))
    .toBe(true)
  await userEvent.click(page.getByRole('button', { name: 'Undo' }))
  await expect
    .poll(() => sentTo('POST', '/api/v1/grants'))
    .toEqual([{ role: 'reader', account: 2, scope: 'aws:111122223333' }])
})

test('who may not manage people can add nobody, and who may not see them is told', async () => {
  serve('/api/v1/me', { can: [], account: { number: 1 } })
  await show()
  await expect
    .element(page.getByRole('button', { name: 'Add an account' }))
    .toHaveAttribute('aria-disabled', 'true')
  serve('/api/v1/tokens', { detail: 'it takes token.manage', code: 'forbidden' }, {}, 403)
  await userEvent.click(page.getByRole('tab', { name: 'Tokens' }))
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})

test('no token at all says how one is made', async () => {
  await show('?tab=tokens')
  await expect.element(page.getByRole('heading', { name: 'There are no tokens' })).toBeVisible()
})

test('a token ends only when that is confirmed', async () => {
  const token = { number: 4, account: 1, name: 'nightly', role: 'reader', used: null, expires: null }
  serve('/api/v1/tokens', { items: [token], asOf: 7 })
  serve('DELETE /api/v1/tokens/4', {})
  await show('?tab=tokens')
  const row = page.getByRole('grid').getByRole('row').nth(1)
  const end = row.getByRole('button', { name: 'End it…' })
  await userEvent.hover(row)
  await userEvent.click(end)
  await userEvent.click(page.getByRole('button', { name: 'Keep it' }))
  await expect.element(page.getByRole('alertdialog')).not.toBeInTheDocument()
  expect(sentTo('DELETE', '/api/v1/tokens/4')).toHaveLength(0)
  await userEvent.hover(row)
  await userEvent.click(end)
  await expect.element(page.getByRole('alertdialog', { name: 'End the token nightly?' })).toBeVisible()
  await userEvent.click(page.getByRole('button', { name: 'End it', exact: true }))
  await expect.poll(() => sentTo('DELETE', '/api/v1/tokens/4')).toHaveLength(1)
})
