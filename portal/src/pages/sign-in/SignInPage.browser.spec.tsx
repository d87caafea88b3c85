import { forgetAnswers, requests, sentTo, serve } from '#/test/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { SignInPage } from './SignInPage'

const ways = { needsSetUp: false, password: true, passkey: true, provider: false }
const wrong = { detail: 'name or password are wrong', code: 'unauthorized' }
const second = { detail: 'a code is needed', code: 'second-factor' }

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1000, 900)
  serve('GET /api/v1/sign-in', ways)
  serve('POST /api/v1/sign-in', wrong, {}, 401)
})
afterEach(() => {
  vi.unstubAllGlobals()
  window.location.hash = ''
})

const show = (search = '') =>
  showPage({
    path: '/sign-in',
    component: SignInPage,
    search: (it) => it,
    at: `/sign-in${search}`,
  })
const signIn = async () => {
  await userEvent.fill(page.getByRole('textbox', { name: /^Name/ }), 'ada')
  await userEvent.fill(page.getByLabelText(/^Password/), 'nine blue lamps')
  await userEvent.keyboard('{Enter}')
}

test('what is wrong is said, and what was typed stays', async () => {
  await show()
  await signIn()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Name or password are wrong.')
  await expect.element(page.getByRole('textbox', { name: /^Name/ })).toHaveValue('ada')
  await expect.element(page.getByLabelText(/^Code/)).not.toBeInTheDocument()
})

test('the second factor is asked for when the server wants it, and no failure is said before one was tried', async () => {
  serve('POST /api/v1/sign-in', second, {}, 401)
  await show()
  await signIn()
  const code = page.getByRole('textbox', { name: /^Code/ })
  await expect.element(code).toHaveFocus()
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument()
  serve('POST /api/v1/sign-in', { ...second, detail: 'the code is wrong' }, {}, 401)
  await userEvent.fill(code, ' 123456 ')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByRole('alert')).toHaveTextContent('The code is wrong.')
  expect(sentTo('POST', '/api/v1/sign-in').at(-1)).toEqual({
    name: 'ada',
    password: 'nine blue lamps',
    code: '123456',
  })
})

test('a passkey is offered where server and browser know them, and only then begun', async () => {
  await show()
  const offer = page.getByRole('button', { name: 'Sign in with a passkey' })
  await expect.element(offer).toBeVisible()
  expect(requests.some((it) => it.path.includes('passkey'))).toBe(false)
  serve('POST /api/v1/sign-in/passkey/options', { detail: 'too many attempts', code: 'too-many' }, {}, 429)
  await userEvent.click(offer)
  await expect.element(page.getByRole('alert')).toHaveTextContent('Too many attempts.')
})

test('a browser that knows no passkeys is offered none', async () => {
  vi.stubGlobal('PublicKeyCredential', undefined)
  await show()
  await expect.element(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await expect.element(page.getByRole('button', { name: /passkey/ })).not.toBeInTheDocument()
})

test('a server without an address of its own is offered none either', async () => {
  serve('GET /api/v1/sign-in', { ...ways, passkey: false, provider: true })
  await show()
  await expect
    .element(page.getByRole('link', { name: 'Continue with your organisation' }))
    .toHaveAttribute('href', '/api/v1/sign-in/provider')
  await expect.element(page.getByRole('button', { name: /passkey/ })).not.toBeInTheDocument()
})

test('beside a code a passkey can be used with the password that was typed', async () => {
  serve('POST /api/v1/sign-in', second, {}, 401)
  serve('POST /api/v1/sign-in/passkey/options', wrong, {}, 401)
  await show()
  await signIn()
  await userEvent.click(page.getByRole('button', { name: 'Use a passkey instead of a code' }))
  await expect
    .poll(() => sentTo('POST', '/api/v1/sign-in/passkey/options'))
    .toEqual([{ name: 'ada', password: 'nine blue lamps' }])
})

test('who comes back from the identity provider without a session reads why', async () => {
  window.location.hash = '#provider=access_denied'
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('It says that you turned it down.')
})

test('without any account the way to the first one is told, and no form', async () => {
  serve('GET /api/v1/sign-in', { ...ways, needsSetUp: true })
  await show()
  await expect.element(page.getByRole('heading', { name: 'Nobody has an account yet' })).toBeVisible()
  await expect.element(page.getByRole('textbox')).not.toBeInTheDocument()
})
