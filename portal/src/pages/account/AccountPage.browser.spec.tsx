import { forgetAnswers, requests, sentTo, serve } from '#/test/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { AccountPage } from './AccountPage'

const account = {
  number: 1,
  name: 'ada',
  displayName: 'Ada',
  kind: 'person',
  active: true,
  password: true,
  provider: false,
  mustChangePassword: false,
  secondFactor: false,
  app: false,
  passkeys: 0,
  created: '2026-11-02T10:00:00Z',
  can: [],
}
const session = (number: number, isThis: boolean) => ({
  number,
  isThis,
  method: 'password',
  address: `10.0.0.${number}`,
  agent: 'curl/7.88.1',
  created: '2026-11-02T10:00:00Z',
  used: '2026-11-02T10:00:00Z',
})

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1200, 1600)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/me', {
    account,
    groups: [],
    grants: [],
    via: 'session',
    secondFactorNeeded: false,
    can: ['token.own'],
  })
  serve('/api/v1/me/sessions', [session(1, true), session(2, false)])
  serve('/api/v1/me/passkeys', { items: [] })
  serve('/api/v1/me/tokens', { items: [], asOf: 7 })
  serve('/api/v1/sign-in', { needsSetUp: false, password: true, passkey: true, provider: false })
})
afterEach(() => vi.unstubAllGlobals())

const show = () => showPage({ path: '/account', component: AccountPage, search: (it) => it, at: '/account' })

test('a token is shown once, and not again when it was kept', async () => {
  serve('POST /api/v1/me/tokens', { token: 'merlon_secret', number: 4 })
  await show()
  await userEvent.click(page.getByRole('button', { name: 'New token' }))
  await userEvent.fill(page.getByRole('textbox', { name: /^What it is for/ }), 'nightly')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText('merlon_secret')).toBeVisible()
  expect(sentTo('POST', '/api/v1/me/tokens')).toEqual([{ name: 'nightly', role: 'reader' }])
  await userEvent.click(page.getByRole('button', { name: 'I have kept it' }))
  await expect.element(page.getByText('merlon_secret')).not.toBeInTheDocument()
})

test('another session is ended, this one is not offered', async () => {
  serve('DELETE /api/v1/me/sessions/2', {})
  await show()
  const rows = page.getByRole('listitem')
  await expect.element(rows.filter({ hasText: '10.0.0.1' })).toHaveTextContent('This one')
  await expect.element(rows.filter({ hasText: '10.0.0.1' }).getByRole('button')).not.toBeInTheDocument()
  await userEvent.click(rows.filter({ hasText: '10.0.0.2' }).getByRole('button', { name: 'End' }))
  await expect
    .poll(() => requests.filter((it) => it.method === 'DELETE').map((it) => it.path))
    .toEqual(['/api/v1/me/sessions/2'])
})

test('an app is set up with the password first, then its code, and gives recovery codes', async () => {
  serve('POST /api/v1/me/totp', { secret: 'ABCDEFGH', link: 'otpauth://totp/x?secret=ABCDEFGH' })
  serve('POST /api/v1/me/totp/confirm', { detail: 'the code is wrong', code: 'invalid', fields: [] }, {}, 422)
  await show()
  await userEvent.click(page.getByRole('button', { name: 'Set up an app' }))
  await userEvent.fill(page.getByLabelText(/^Your password, once more/), 'nine blue lamps')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText('ABCD EFGH')).toBeVisible()
  expect(sentTo('POST', '/api/v1/me/totp')).toEqual([{ password: 'nine blue lamps' }])
  await userEvent.fill(page.getByRole('textbox', { name: /^The code that the app shows now/ }), '000000')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText(/The code is wrong/)).toBeVisible()
  serve('POST /api/v1/me/totp/confirm', { recoveryCodes: ['aaaa-bbbb', 'cccc-dddd'] })
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText('aaaa-bbbb', { exact: false })).toBeVisible()
})

test('a refused change of the password keeps the form open', async () => {
  serve(
    'POST /api/v1/me/password',
    { detail: 'the old password is wrong', code: 'invalid', fields: [] },
    {},
    422,
  )
  await show()
  await userEvent.click(page.getByRole('button', { name: 'Change', exact: true }))
  await userEvent.fill(page.getByLabelText(/^Old password/), 'x')
  await userEvent.fill(page.getByLabelText(/^New password/), 'ten green lamps at sea')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText(/The old password is wrong/)).toBeVisible()
  expect(sentTo('POST', '/api/v1/me/password')).toEqual([{ old: 'x', new: 'ten green lamps at sea' }])
})

test('a browser that knows no passkeys is told so rather than offered one', async () => {
  vi.stubGlobal('PublicKeyCredential', undefined)
  await show()
  await expect.element(page.getByText('This browser knows no passkeys at this address.')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Add a passkey' })).not.toBeInTheDocument()
})
