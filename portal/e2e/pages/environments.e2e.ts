import { checkLook, expect, test } from '../fixture'

/** What there is of jobs depends on what other tests did. */
const MOVING = ['h1 + *', 'main [role=status]', '[data-list]']

test('environments: what was read, and the way to it', async ({ page }) => {
  await page.goto('/environments')
  await expect(page.getByText(/503 resources in \d+ environments/)).toBeVisible()
  await checkLook(page, 'environments')
  await page.getByRole('grid', { name: 'Scopes' }).getByRole('link', { name: '444455556666' }).click()
  await expect(page).toHaveURL(/\/inventory\?scope=aws:444455556666/)
})

test('jobs: the list, one job beside it, by the keyboard', async ({ page }) => {
  await page.goto('/jobs')
  const grid = page.getByRole('grid', { name: 'Jobs' })
  await expect(grid.getByText('Check of the audit log').first()).toBeVisible()
  await checkLook(page, 'jobs', MOVING)
  await grid.getByText('Check of the audit log').first().click()
  await expect(page).toHaveURL(/open=\d+/)
  await expect(page.getByRole('complementary').getByText('Attempts')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/open=/)
})
