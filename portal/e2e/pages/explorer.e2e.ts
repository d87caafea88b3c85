import { checkA11y, checkLook, expect, test } from '../fixture'

const question = "MATCH (b:AwsS3Bucket) WHERE b.merlon.name STARTS WITH 'tern' RETURN b"

test('a question that was asked stands as rows, with its answer', async ({ page }) => {
  await page.goto(`/explorer?q=${encodeURIComponent(question)}`)
  await expect(page.getByRole('grid', { name: 'Answer' })).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'How it is compared' })).toHaveValue('startsWith')
  await expect(page.getByText(/^\d+ match(es)?$/)).toBeVisible()
  await checkLook(page, 'explorer')
})

test('where to start from', async ({ page }) => {
  await page.goto('/explorer')
  await expect(page.getByRole('heading', { name: 'Templates' })).toBeVisible()
  await checkA11y(page)
})
