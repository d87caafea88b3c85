import { checkA11y, expect, test } from '../fixture'

/** The first question of a server has all steps worked out. */
const FIRST = { timeout: 60_000 }

test('a recommendation shows where its resources stand, and what is known of them', async ({ page }) => {
  await page.goto('/recommendations?q=public')
  await page.getByRole('grid').getByRole('row').nth(1).getByRole('link').first().click()
  await page.getByRole('tab', { name: 'Graph' }).click()
  await expect(page.getByRole('region', { name: /neighbours and attack paths as a graph/ })).toBeVisible(
    FIRST,
  )
  await checkA11y(page)
  await page.getByRole('tab', { name: 'Insights' }).click()
  await expect(page.getByRole('heading', { name: 'Who has access' })).toBeVisible()
  await expect(page.getByText(/may do|Nobody/).first()).toBeVisible(FIRST)
  await checkA11y(page)
})
