// From the link that the server prints to the first page, out, and in again.
import { test as base } from '@playwright/test'
import { checkA11y, checkLook, expect, signOut } from '../fixture'
import { owner, type Server, startServer } from '../server'

const test = base.extend<{ server: Server }>({
  server: async ({}, use) => {
    const server = await startServer('bare')
    await use(server)
    await server.stop()
  },
})

test('the first account, signing out, a wrong password, signing in', async ({ page, server }) => {
  await page.goto(`${server.url}/inventory?q=ledger`)
  await expect(page.getByRole('heading', { name: 'Nobody has an account yet' })).toBeVisible()

  await page.goto(server.setUpLink ?? '')
  await expect(page.getByRole('heading', { name: 'Set up Merlon' })).toBeVisible()
  await checkLook(page, 'set-up')
  await page.getByLabel('Your name').fill(owner.displayName)
  await page.getByLabel('Name to sign in with').fill(owner.name)
  await page.getByLabel('Password').fill('short')
  await page.getByRole('button', { name: 'Make the account' }).click()
  await expect(page.getByText(/12 characters/).last()).toBeVisible()
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Make the account' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()

  await signOut(page)
  await checkLook(page, 'sign-in')

  await page.goto(`${server.url}/inventory?q=ledger`)
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toContainText('The name or the password is wrong.')
  await checkA11y(page)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/inventory\?q=ledger/)
})
