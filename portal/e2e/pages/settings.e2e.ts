import { checkLook, expect, test } from '../fixture'

/** What the log holds depends on what other tests did. */
const MOVING = ['h1 + *', 'main [role=status]', '[data-list]']

test('settings with their bounds', async ({ page }) => {
  await page.goto('/settings')
  await expect(page.getByText('session.idleMinutes')).toBeVisible()
  await checkLook(page, 'settings')
  const idle = page.getByRole('form', { name: 'session.idleMinutes' })
  await idle.getByRole('spinbutton').fill('2')
  await idle.getByRole('spinbutton').blur()
  await expect(idle.getByText('It must be from 5 to 1,440.')).toBeVisible()
})

test('the audit log', async ({ page }) => {
  await page.goto('/audit')
  await expect(page.getByText(/lines, each chained to the one before/)).toBeVisible()
  await checkLook(page, 'audit', MOVING)
  await page.getByRole('grid', { name: 'Audit log' }).getByText('grant.add').click()
  await expect(page.getByRole('complementary').getByText('owner')).toBeVisible()
})
