import { checkLook, expect, test } from '../fixture'

/** The first question of a server has all steps worked out. */
const FIRST = { timeout: 60_000 }

test('the map shows what lies in which network, and what the internet reaches', async ({ page }) => {
  await page.goto('/network?view=map')
  await expect(page.getByRole('region', { name: 'vnet-apps, network' })).toBeVisible(FIRST)
  await expect(
    page.getByRole('button', { name: /Larkspur Production .*reached from the internet/ }),
  ).toBeVisible()
  await checkLook(page, 'network-map')
})
