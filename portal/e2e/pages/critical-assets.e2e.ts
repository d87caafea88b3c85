import { checkA11y, checkLook, expect, test } from '../fixture'

test('critical assets, with the classifications that say so', async ({ page }) => {
  await page.goto('/critical-assets')
  const assets = page.getByRole('grid', { name: 'Critical assets' })
  await expect(assets.getByRole('row').nth(1)).toContainText('Very high')
  await checkLook(page, 'critical-assets')
})

test('classifications can be found, and one of them stands beside the list', async ({ page }) => {
  await page.goto('/critical-assets?tab=classifications&cloud=aws')
  const rows = page.getByRole('grid', { name: 'Classifications' }).getByRole('row')
  await expect(rows.nth(1)).toBeVisible()
  await checkA11y(page)
  await rows.nth(1).getByRole('link').first().click()
  await expect(page).toHaveURL(/open=aws\.critical\./)
  await expect(
    page.getByRole('complementary').getByRole('heading', { name: 'How it finds them' }),
  ).toBeVisible()
  await checkA11y(page)
})

test('the wizard says what is wrong with a condition at its place', async ({ page }) => {
  await page.goto('/critical-assets/write?kind=aws.s3-bucket&where=r.merlon.name%20STARTS')
  await page.getByRole('textbox', { name: 'Name' }).fill('Anything')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('tab', { name: 'openCypher' }).click()
  await expect(page.getByText(/^Line 1, column \d+: /)).toBeVisible()
  await checkA11y(page)
  await page.getByRole('textbox', { name: 'It holds when' }).fill('true')
  await expect(page.getByText(/of \d+ resources that it looks at/)).toBeVisible()
  await checkLook(page, 'wizard')
  await page.getByRole('button', { name: 'Next' }).click()
  await checkA11y(page)
})

test('the inventory is narrowed to what is critical', async ({ page }) => {
  await page.goto('/inventory')
  await page.getByRole('checkbox', { name: 'Very high' }).check()
  await expect(page).toHaveURL(/criticality=veryHigh/)
  await expect(page.getByRole('grid').getByText('Very high criticality').first()).toBeAttached()
})
