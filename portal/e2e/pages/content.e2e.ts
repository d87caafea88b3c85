import { checkLook, expect, test } from '../fixture'

test('checks are found by what they are about', async ({ page }) => {
  await page.goto('/content')
  await expect(page.getByText(/\d+ checks judge what is imported/)).toBeVisible()
  await checkLook(page, 'content')
  await page.getByRole('searchbox', { name: 'Find checks' }).fill('bucket policy anyone')
  await page.getByRole('link', { name: 'S3 bucket policy lets anyone in' }).click()
  await expect(page.getByRole('heading', { name: 'Unhealthy when' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Cases' })).toBeVisible()
  await checkLook(page, 'check')
})

test('kinds and controls have lists of their own', async ({ page }) => {
  await page.goto('/content')
  await page.getByRole('tab', { name: 'Kinds of resources' }).click()
  await expect(page.getByRole('grid', { name: 'Kinds of resources' })).toBeVisible()
  await page.getByRole('tab', { name: 'Controls' }).click()
  await expect(
    page.getByRole('grid', { name: 'Controls' }).getByRole('link', { name: 'Enable MFA' }),
  ).toBeVisible()
})

test('an own check that begins with a value', async ({ page }) => {
  await page.goto('/content/write?kind=aws.s3-bucket&path=Name&value=%22tern-labels-111122223333%22')
  const preview = page.getByRole('complementary', { name: 'What it would find' })
  await expect(preview.getByRole('link', { name: 'tern-labels-111122223333' })).toBeVisible()
  await checkLook(page, 'own-check')
})
