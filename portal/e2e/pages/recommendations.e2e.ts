import { checkLook, expect, test } from '../fixture'

test('what is open is listed, the worst first', async ({ page }) => {
  await page.goto('/recommendations')
  await expect(page.getByRole('heading', { level: 1, name: 'Recommendations' })).toBeVisible()
  await expect(page.getByText(/\d+ recommendations are open/)).toBeVisible()
  const rows = page.getByRole('grid', { name: 'Recommendations' }).getByRole('row')
  await expect(rows.nth(1)).toContainText('Critical')
  await checkLook(page, 'recommendations')
})

test('filters stand in the address and can be taken away', async ({ page }) => {
  await page.goto('/recommendations')
  const filters = page.getByRole('region', { name: 'Filters' })
  await filters.getByRole('group', { name: 'Severity' }).getByRole('checkbox', { name: 'Low' }).check()
  await expect(page).toHaveURL(/severity=low/)
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText('Low')
  await page.getByRole('searchbox', { name: 'Find recommendations' }).fill('no such words at all')
  await expect(page.getByText('No recommendation fits')).toBeVisible()
  await page.getByRole('button', { name: 'Clear all' }).click()
  await expect(page).toHaveURL(/\/recommendations$/)
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText('Critical')
})

test('keys go through the list, open a recommendation and close it', async ({ page }) => {
  await page.goto('/recommendations')
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText('Critical')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: /S3 bucket policy lets anyone in/ })
  await expect(panel.getByRole('heading', { name: 'Evidence' })).toBeVisible()
  await expect(page).toHaveURL(/open=aws\.s3\.public-policy/)
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
})

test('groups are opened to what is in them', async ({ page }) => {
  await page.goto('/recommendations?view=control')
  await page.getByText('Enable MFA', { exact: true }).first().click()
  await expect(page.getByRole('grid').getByText('Root user has no MFA')).toBeVisible()
  await page.getByRole('tab', { name: 'By resource' }).click()
  await expect(page.getByRole('grid', { name: 'Resources with open recommendations' })).toBeVisible()
})

test('a recommendation says why, what proves it and how to mend it', async ({ page }) => {
  await page.goto('/recommendations/aws.s3.public-policy')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('S3 bucket policy lets anyone in')
  await expect(page.getByText('GetBucketPolicy.Policy.Statement[0]')).toBeVisible()
  await expect(page.getByText('aws s3api put-public-access-block --bucket tern-')).toBeVisible()
  await expect(page.getByRole('grid', { name: 'Affected resources' }).getByRole('row')).toHaveCount(4)
  await expect(page.getByText(/Secure score/).first()).toBeVisible()
  await checkLook(page, 'recommendation')
})

test('what is not there is said not to be', async ({ page }) => {
  await page.goto('/recommendations/no.such.check')
  await expect(page.getByRole('alert')).toContainText('There is no such thing')
})
