import { expect, test } from '../fixture'

test('find the worst problem and its evidence', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Recommendations', exact: true }).first().click()
  const first = page.getByRole('grid', { name: 'Recommendations' }).getByRole('row').nth(1)
  await expect(first).toContainText('Critical')
  await first.getByRole('link').first().click()
  await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible()
  const found = page.getByRole('region', { name: 'Found' })
  await expect(found).toContainText('GetBucketPolicy.Policy.Statement[0]')
  await expect(found).toContainText('"Principal": "*"')
})
