import { expect, test } from '../fixture'

test('give a colleague read access to one account, and no more', async ({
  own: { page, server },
  browser,
}) => {
  await page.goto('/access')
  await page.getByRole('button', { name: 'Add an account' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Ben Okoro')
  await dialog.getByRole('textbox', { name: 'Name to sign in with' }).fill('ben')
  await dialog.getByLabel('First password').fill('seven red boats ashore')
  await dialog.getByRole('combobox', { name: 'Where' }).selectOption({ value: 'aws:444455556666' })
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByText('Ben Okoro is Reader', { exact: true })).toBeVisible()

  const other = await browser.newContext({ baseURL: server.url })
  const colleague = await other.newPage()
  await colleague.goto('/sign-in')
  await colleague.getByLabel('Name').fill('ben')
  await colleague.getByLabel('Password').fill('seven red boats ashore')
  await colleague.getByRole('button', { name: 'Sign in' }).click()
  await expect(colleague).toHaveURL(/\/account/)
  await expect(colleague.getByLabel(/new password/i).first()).toBeVisible()
  await other.close()
})

test('find who changed a setting', async ({ own: { page } }) => {
  await page.goto('/settings')
  const idle = page.getByRole('form', { name: 'session.idleMinutes' })
  await idle.getByRole('spinbutton').fill('30')
  await idle.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('session.idleMinutes is 30', { exact: true })).toBeVisible()
  await expect(idle.getByText(/Changed by ada/)).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'the audit log' }).click()
  const grid = page.getByRole('grid', { name: 'Audit log' })
  await grid.getByText('session.idleMinutes').first().click()
  const line = page.getByRole('complementary')
  await expect(line.getByText('ada')).toBeVisible()
  await expect(line.getByText('30', { exact: true })).toBeVisible()
})
