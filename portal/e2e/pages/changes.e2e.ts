import { checkLook, expect, test } from '../fixture'

test('a commit says what it changed, and each line opens what it is about', async ({ page }) => {
  await page.goto('/changes')
  await expect(page.getByRole('heading', { level: 1, name: 'Changes' })).toBeVisible()
  await page.getByRole('link', { name: 'What commit 1 changed' }).click()
  await expect(page).toHaveURL(/\/changes\?from=0&to=1/)
  await expect(page.getByText(/^From commit 0 to 1, \d/)).toBeVisible()
  await checkLook(page, 'changes')
  await page.getByRole('region', { name: 'Broke' }).getByRole('link').first().click()
  await expect(page).toHaveURL(/\/recommendations\//)
})
