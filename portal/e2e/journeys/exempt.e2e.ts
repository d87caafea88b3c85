import { expect, test } from '../fixture'

test('exempt a problem for 30 days and see the score', async ({ own: { page } }) => {
  await page.goto('/score')
  const score = page.getByText(/^The score is [\d.]+ %/)
  await expect(score).toBeVisible()
  const before = /[\d.]+ %/.exec(await score.innerText())?.[0] ?? ''
  await page.goto('/recommendations?q=console+without+MFA')
  await page.getByRole('grid').getByRole('link', { name: 'User signs in to the console without MFA' }).click()
  await page.getByRole('button', { name: 'Exempt…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('radio', { name: '30 days' })).toBeChecked()
  const preview = dialog.getByRole('region', { name: 'What it would change' })
  await expect(preview.getByText(/assessments would count otherwise/)).toBeVisible()
  const promised = await preview.locator('strong').first().innerText()
  expect(promised).not.toBe(before)
  await dialog.getByRole('textbox', { name: 'Why' }).fill('They get their keys next month.')
  await dialog.getByRole('button', { name: 'Exempt', exact: true }).click()
  await expect(page.getByText('Exempted', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'Secure score' }).first().click()
  await expect(page.getByText(`The score is ${promised}`)).toBeVisible()
  await page.getByRole('link', { name: 'Exemptions', exact: true }).click()
  await expect(page.getByText('in 4 weeks').or(page.getByText('in 30 days')).first()).toBeVisible()
})
