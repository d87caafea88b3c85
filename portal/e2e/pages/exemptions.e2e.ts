import { checkA11y, checkLook, expect, test } from '../fixture'

test('an empty list says what it is for', async ({ page }) => {
  await page.goto('/exemptions')
  await expect(page.getByText('Nothing is exempted', { exact: true })).toBeVisible()
  await checkLook(page, 'exemptions')
  await page.getByRole('link', { name: 'To the recommendations' }).click()
  await expect(page).toHaveURL(/\/recommendations$/)
})

test('an exemption is recorded for ticked resources, shown, and ended', async ({ own: { page } }) => {
  await page.goto('/recommendations/aws.s3.public-policy')
  const affected = page.getByRole('grid', { name: 'Affected resources' })
  const row = affected.getByRole('row').filter({ hasText: 'www.terncouriers.example' })
  await row.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Exempt 1…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('radio', { name: 'www.terncouriers.example' })).toBeChecked()
  await dialog.getByRole('radio', { name: /Mitigated/ }).check()
  await dialog.getByRole('textbox', { name: 'Why' }).fill('The website is public on purpose.')
  await dialog.getByRole('button', { name: 'Exempt', exact: true }).click()
  await expect(dialog).toBeHidden()
  await page.goto('/exemptions')
  await page.getByRole('grid', { name: 'Exemptions' }).getByText('The website is public on purpose.').click()
  const panel = page.getByRole('complementary')
  await expect(panel.getByText(/It ends by itself on/)).toBeVisible()
  await expect(panel.getByRole('grid').getByText('www.terncouriers.example')).toBeVisible()
  await checkA11y(page)
  await panel.getByRole('button', { name: 'End it now…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click()
  await expect(page.getByText('The exemption has ended', { exact: true })).toBeVisible()
  await expect(
    page.getByRole('grid', { name: 'Exemptions' }).getByText('ended', { exact: true }),
  ).toBeVisible()
})
