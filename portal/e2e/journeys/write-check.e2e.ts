import { expect, test } from '../fixture'

test('write a check from a value of a document', async ({ page }) => {
  await page.goto('/content/write?kind=aws.s3-bucket&path=Name&value=%22tern-labels-111122223333%22')
  const preview = page.getByRole('complementary', { name: 'What it would find' })
  await expect(preview.getByRole('link', { name: 'tern-labels-111122223333' })).toBeVisible()
  const predicate = page.getByRole('textbox', { name: 'Unhealthy when' })
  await predicate.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type("r.Nme STARTS WITH 'tern'")
  await expect(page.getByText(/Line 1, column \d+: there is no `Nme`/)).toBeVisible()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type("r.Name STARTS WITH 'tern'")
  await expect(preview.getByRole('list', { name: 'Unhealthy' }).getByRole('listitem')).toHaveCount(5)
  await page.getByRole('textbox', { name: 'Name of the problem' }).fill('A bucket of Tern is still here')
  await expect(page.getByText('Its id: own.a-bucket-of-tern-is-still-here')).toBeVisible()
})
