// What matters most, and what leads to it: marking a crown jewel, proving an open port, asking who can read.
import { expect, test } from '../fixture'

/** The first question of a server has all steps worked out. */
const FIRST = { timeout: 60_000 }

test('mark a crown jewel by a rule and see paths change', async ({ own: { page } }) => {
  await page.goto('/attack-paths')
  const list = page.getByRole('grid', { name: 'Attack paths' })
  await expect(list.getByRole('row').nth(1)).toContainText('Critical', FIRST)
  await expect(list.getByText(/tern-proof-of-delivery/)).toHaveCount(0)

  await page.getByRole('link', { name: 'Critical assets', exact: true }).click()
  await page.getByRole('link', { name: 'Write a classification' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Proofs of delivery')
  await page.keyboard.press('Enter')
  const looksAt = page.getByRole('combobox', { name: 'It looks at' })
  await looksAt.pressSequentially('s3 bucket')
  await page
    .getByRole('option', { name: /aws\.s3-bucket$/ })
    .first()
    .click()
  await page.getByRole('tab', { name: 'openCypher' }).click()
  await page.getByRole('textbox', { name: 'It holds when' }).fill("r.merlon.name STARTS WITH 'tern-proof'")
  await expect(page.getByText(/of \d+ resources that it looks at/)).toBeVisible()
  await expect(page.getByRole('list', { name: 'What it finds' }).getByRole('listitem')).toHaveCount(1)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Whoever has it has the business').click()
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByText('own.proofs-of-delivery')).toBeVisible()
  await page.getByRole('button', { name: 'Let it count' }).click()
  await expect(page.getByText(/Attack paths to what matters: \d+, \d+ new/)).toBeVisible(FIRST)

  await page.getByRole('main').getByRole('link', { name: 'Attack paths', exact: true }).click()
  const path = list.getByRole('row').filter({ hasText: 'tern-proof-of-delivery' })
  await expect(path).toContainText('Very high criticality', FIRST)

  // What finds it can be switched off again, and is taken from the asset at once.
  await page.getByRole('link', { name: 'Critical assets', exact: true }).click()
  const assets = page.getByRole('grid', { name: 'Critical assets' })
  await expect(assets.getByRole('link', { name: /tern-proof-of-delivery/ })).toBeVisible()
  await page.getByRole('tab', { name: /Classifications/ }).click()
  await page.getByRole('switch', { name: 'Proofs of delivery is on' }).click()
  await expect(page.getByText('Proofs of delivery is off', { exact: true })).toBeVisible()
  await page.getByRole('tab', { name: /^Critical assets/ }).click()
  await expect(assets.getByRole('row').nth(1)).toBeVisible()
  await expect(assets.getByRole('link', { name: /tern-proof-of-delivery/ })).toHaveCount(0)
})

test('prove why a port is open', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Network map', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Find end points' }).fill('vm-edi-gw-01')
  await page
    .getByRole('grid', { name: 'Reached from the internet' })
    .getByText(/tcp\/22/)
    .first()
    .click(FIRST)
  await expect(page.getByText(/^Yes: .*22.* may pass/)).toBeVisible()
  const rules = page.getByRole('list', { name: 'Rules that it passes' }).getByRole('listitem')
  await expect(rules.first()).toBeVisible()
  // The rule is a place of a document: it leads there.
  await rules.filter({ hasText: 'Permits' }).first().getByRole('link').first().click()
  await expect(page).toHaveURL(/\/inventory\/.*tab=document/)
})

test('the same is seen on the map: what may reach a machine, and why', async ({ page }) => {
  await page.goto('/network?view=map')
  await page.getByRole('button', { name: /^snet-edi/ }).click(FIRST)
  await page.getByRole('button', { name: /^vm-edi-gw-01/ }).click()
  const traffic = page.getByRole('complementary', { name: 'Traffic of vm-edi-gw-01' })
  await traffic
    .getByRole('list', { name: 'May reach it' })
    .getByRole('button', { name: /The internet/ })
    .click()
  await expect(traffic.getByText(/^Yes: .*22.* may pass/)).toBeVisible()
})

test('answer who can read this bucket', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Identities', exact: true }).click()
  await page.getByRole('combobox', { name: 'On what' }).pressSequentially('tern-logs')
  await page
    .getByRole('option', { name: /tern-logs/ })
    .first()
    .click()
  const action = page.getByRole('combobox', { name: 'Action' })
  await action.fill('s3:GetObject')
  await action.press('Enter')
  await page.getByRole('button', { name: 'Ask' }).click()
  await expect(page.getByText(/\d+ identities may do s3:GetObject/)).toBeVisible(FIRST)
  const one = page.getByRole('listitem').filter({ hasText: 'user/backup-job' }).first()
  await one.getByText('backup-job', { exact: true }).first().click()
  await expect(one.getByText('Allows', { exact: true }).first()).toBeVisible()
})
