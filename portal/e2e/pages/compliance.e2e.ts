import { checkA11y, checkLook, expect, test } from '../fixture'

test('standards say how much of them is met', async ({ page }) => {
  await page.goto('/compliance')
  await expect(page.getByText(/standards are judged with every import/)).toBeVisible()
  await checkLook(page, 'compliance')
})

test('a requirement leads to its checks', async ({ page }) => {
  await page.goto('/compliance/mcsb-v1')
  await page.getByRole('searchbox', { name: 'Find requirements' }).fill('segmentation')
  await page.getByRole('button', { name: /^NS-1 / }).click()
  const panel = page.getByRole('complementary', { name: /NS-1/ })
  await expect(
    panel.getByRole('link', { name: 'RDS database can be reached from the internet' }),
  ).toBeVisible()
  await checkA11y(page)
})

test('states narrow the requirements', async ({ page }) => {
  await page.goto('/compliance/mcsb-v1')
  await expect(page.getByRole('button', { name: /^NS-1 / })).toBeVisible()
  await checkLook(page, 'standard')
  await page.getByRole('button', { name: /^Passed/ }).click()
  await expect(page).toHaveURL(/state=passed/)
  await expect(page.getByRole('listitem').filter({ hasText: 'Failed' })).toHaveCount(0)
})

test('a manual requirement is attested with a file', async ({ own: { page } }) => {
  await page.goto('/compliance/mcsb-v1?state=manual')
  await page.getByRole('main').getByRole('listitem').first().getByRole('button').click()
  const panel = page.getByRole('complementary')
  await panel.getByRole('button', { name: 'Attest…' }).click()
  await panel.getByRole('textbox', { name: 'Why' }).fill('The plan was walked through in October.')
  await panel
    .locator('input[type="file"]')
    .setInputFiles({ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('minutes of the walk') })
  await panel.getByRole('button', { name: 'Attest', exact: true }).click()
  await expect(panel.getByText('The plan was walked through in October.')).toBeVisible()
  const download = page.waitForEvent('download')
  await panel.getByRole('link', { name: 'plan.txt' }).click()
  // The server calls it by its number: what somebody called it is nothing to save a file under.
  expect((await download).suggestedFilename()).toMatch(/^evidence-\d+$/)
})
