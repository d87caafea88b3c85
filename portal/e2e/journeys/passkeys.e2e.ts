// Passkeys, with an authenticator that the browser plays, against a server that knows its own address.
import type { Page } from '@playwright/test'
import { checkA11y, expect, owner, signOut, test } from '../fixture'

test.use({ kind: 'operated' })

/** What a phone or a computer would be: it keeps passkeys, and always recognizes the person. */
async function addAuthenticator(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    forget: () => session.send('WebAuthn.clearCredentials', { authenticatorId }),
    /** Whether the person lets it: a browser takes anything else as a no. */
    recognize: (isUserVerified: boolean) =>
      session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

test('a passkey is added, signs in alone and beside the password, and goes', async ({ own: { page } }) => {
  const authenticator = await addAuthenticator(page)
  await page.goto('/account')
  const passkeys = page.getByRole('region', { name: 'Passkeys' })
  await expect(passkeys.getByText('You have no passkeys')).toBeVisible()
  await passkeys.getByRole('button', { name: 'Add a passkey' }).click()
  await passkeys.getByLabel('What to call it').fill('Desk at home')
  await passkeys.getByLabel('Your password, once more').fill('not the password')
  await passkeys.getByRole('button', { name: 'Add the passkey' }).click()
  await expect(passkeys.getByRole('alert')).toContainText('The password is wrong.')
  await passkeys.getByLabel('Your password, once more').fill(owner.password)
  await passkeys.getByRole('button', { name: 'Add the passkey' }).click()
  await expect(passkeys.getByLabel('Recovery codes').locator('div div')).toHaveCount(10)
  const code = await passkeys.getByLabel('Recovery codes').locator('div div').first().innerText()
  await checkA11y(page)
  await passkeys.getByRole('button', { name: 'I have kept them' }).click()
  await expect(passkeys.getByRole('listitem')).toContainText('Desk at home on one device')
  await expect(page.getByText(/with a second factor/)).toBeVisible()

  await passkeys.getByRole('button', { name: 'Add a passkey' }).click()
  await passkeys.getByLabel('Your password, once more').fill(owner.password)
  await passkeys.getByRole('button', { name: 'Add the passkey' }).click()
  await expect(passkeys.getByRole('alert')).toContainText(
    'This device has a passkey for this account already.',
  )
  await passkeys.getByRole('button', { name: 'Cancel' }).click()

  await passkeys.getByRole('button', { name: 'Rename Desk at home' }).click()
  await passkeys.getByLabel('Name of the passkey').fill('Desk')
  await passkeys.getByRole('button', { name: 'Save' }).click()
  await expect(passkeys.getByRole('button', { name: 'Remove Desk', exact: true })).toBeVisible()

  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()

  // The password alone is not enough any more: the passkey is the second factor.
  await signOut(page)
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByLabel('Code')).toBeVisible()
  await checkA11y(page)
  await page.getByRole('button', { name: 'Use a passkey instead of a code' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()

  // Who has lost it has recovery codes, and takes it away.
  await signOut(page)
  await authenticator.forget()
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await page.goto('/account')
  await passkeys.getByRole('button', { name: 'Remove Desk' }).click()
  await expect(passkeys.getByText('Your password alone signs you in then.')).toBeVisible()
  await passkeys.getByLabel('Your password, once more').fill(owner.password)
  await passkeys.getByRole('button', { name: 'Remove the passkey' }).click()
  await expect(passkeys.getByText('You have no passkeys')).toBeVisible()
})

test('who is not recognized is not signed in, and is told why', async ({ own: { page } }) => {
  const asked: string[] = []
  page.on('request', (it) => {
    if (it.url().includes('/sign-in/passkey')) asked.push(new URL(it.url()).pathname)
  })
  const authenticator = await addAuthenticator(page)
  await page.goto('/account')
  const passkeys = page.getByRole('region', { name: 'Passkeys' })
  await passkeys.getByRole('button', { name: 'Add a passkey' }).click()
  await passkeys.getByLabel('Your password, once more').fill(owner.password)
  await passkeys.getByRole('button', { name: 'Add the passkey' }).click()
  await passkeys.getByRole('button', { name: 'I have kept them' }).click()
  await signOut(page)
  // Each beginning counts as an attempt: none is made before somebody asks for it.
  await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeVisible()
  expect(asked).toEqual([])
  await authenticator.recognize(false)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('alert')).toContainText('No passkey was used')
  await checkA11y(page)
  expect(asked).toEqual(['/api/v1/sign-in/passkey/options'])
})

test('who lacks a second factor that is demanded is led to where one is set up', async ({ own }) => {
  const { page, server, session } = own
  await addAuthenticator(page)
  const demanded = await page.request.put(`${server.url}/api/v1/settings/signIn.secondFactor`, {
    data: { value: 1 },
    headers: { cookie: `__Host-merlon=${session}`, 'sec-fetch-site': 'same-origin' },
  })
  expect(demanded.ok(), await demanded.text()).toBe(true)
  await page.goto('/inventory')
  await expect(page).toHaveURL(/\/account$/)
  await expect(page.getByText(/nothing else can be done before/)).toBeVisible()
  await checkA11y(page)
  const passkeys = page.getByRole('region', { name: 'Passkeys' })
  await passkeys.getByRole('button', { name: 'Add a passkey' }).click()
  await passkeys.getByLabel('Your password, once more').fill(owner.password)
  await passkeys.getByRole('button', { name: 'Add the passkey' }).click()
  await passkeys.getByRole('button', { name: 'I have kept them' }).click()
  await expect(page.getByText(/with a second factor/)).toBeVisible()
  await page.getByRole('link', { name: 'Inventory', exact: true }).click()
  await expect(page.getByRole('grid', { name: 'Resources' })).toBeVisible()
})
