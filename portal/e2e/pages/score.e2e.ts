import { checkLook, expect, test } from '../fixture'

test('the score is taken apart down to checks and their resources', async ({ page }) => {
  await page.goto('/score')
  await expect(page.getByText(/The score is [\d.]+ %/)).toBeVisible()
  await page.getByText('Enable MFA', { exact: true }).click()
  await expect(page).toHaveURL(/control=enable-mfa/)
  await expect(page.getByText('10 ÷ 16 × 8 = 5')).toBeVisible()
  await expect(page.getByRole('link', { name: 'User signs in to the console without MFA' })).toBeVisible()
  await checkLook(page, 'score')
})

test('what if these were mended: the basket stands in the address', async ({ page }) => {
  await page.goto('/score?control=enable-mfa')
  await page.getByRole('checkbox', { name: 'What if this were mended: Root user has no MFA' }).check()
  const basket = page.getByRole('complementary', { name: 'What if these were mended?' })
  await expect(basket.getByText(/assessments? would count otherwise/)).toBeVisible()
  await expect(page).toHaveURL(/fix=aws\.iam\.root-no-mfa/)
  await basket
    .getByRole('combobox', { name: 'Add a recommendation' })
    .pressSequentially('bucket policy lets anyone')
  await page.getByRole('option', { name: /S3 bucket policy lets anyone in/ }).click()
  await expect(basket.getByRole('link', { name: 'S3 bucket policy lets anyone in' })).toBeVisible()
  await page.reload()
  await expect(basket.getByRole('listitem').filter({ hasText: 'Root user has no MFA' })).toBeVisible()
  await basket.getByRole('button', { name: 'Empty' }).click()
  await expect(page).not.toHaveURL(/fix=/)
})

test('a scope has its own score', async ({ page }) => {
  await page.goto('/score')
  await page
    .getByRole('grid', { name: 'Scores by scope' })
    .getByRole('link', { name: '444455556666' })
    .click()
  await expect(page).toHaveURL(/scope=aws:444455556666/)
  await expect(page.getByText(/The score of 444455556666 is [\d.]+ %/)).toBeVisible()
})
