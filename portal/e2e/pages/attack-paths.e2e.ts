import { checkA11y, checkLook, expect, test } from '../fixture'

/** The first question of a server has all steps worked out. */
const FIRST = { timeout: 60_000 }

test('the path that matters most stands open, and a fix takes it apart', async ({ page }) => {
  await page.goto('/attack-paths')
  await expect(page.getByText(/\d+ attack paths? reach/)).toBeVisible(FIRST)
  const list = page.getByRole('grid', { name: 'Attack paths' })
  await expect(list.getByRole('row').nth(1)).toContainText('Critical')
  await checkLook(page, 'attack-paths')
  await page.getByRole('button', { name: 'Why step 1 is possible' }).click()
  const panel = page.getByRole('complementary', { name: /.+/ }).filter({ hasText: 'What it needs' })
  await expect(panel.getByText('Catalogued as')).toBeVisible()
  await checkA11y(page)
  await page.keyboard.press('Escape')
  await page
    .getByRole('complementary', { name: 'What if these were made?' })
    .getByRole('switch')
    .first()
    .check()
  await expect(page).toHaveURL(/without=\d+/)
  await expect(
    page.getByText(/With this fix made [1-9]\d* of \d+ attack paths? (falls|fall) apart/),
  ).toBeVisible()
  await expect(list.getByText('Cut', { exact: true }).first()).toBeVisible()
})

test('who may read a bucket is answered with reasons', async ({ page }) => {
  await page.goto('/identities?what=tern-logs-111122223333&action=s3:GetObject')
  await expect(page.getByText(/\d+ identities may do s3:GetObject/)).toBeVisible(FIRST)
  await checkLook(page, 'identities')
  const one = page.getByRole('listitem').filter({ hasText: 'user/backup-job' }).first()
  await one.getByText('backup-job', { exact: true }).first().click()
  await expect(one.getByText('Allows', { exact: true }).first()).toBeVisible()
  await checkA11y(page)
})

test('who may read a bucket is asked by the keyboard alone', async ({ page }) => {
  await page.goto('/identities')
  await page.getByRole('combobox', { name: 'On what' }).focus()
  await page.keyboard.type('tern-depot')
  await expect(page.getByRole('option').first()).toContainText('tern-depot-uploads')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/\d+ identities may do s3:GetObject on tern-depot-uploads/)).toBeVisible(FIRST)
})

test('a port that is open is proven rule by rule', async ({ page }) => {
  await page.goto('/network?q=vm-edi-gw-01')
  await expect(page.getByText(/end points are reached from the internet/)).toBeVisible(FIRST)
  await page
    .getByRole('grid', { name: 'Reached from the internet' })
    .getByText(/tcp\/22/)
    .first()
    .click()
  await expect(page).toHaveURL(/from=internet&to=/)
  await expect(page.getByText(/^Yes: .*22.* may pass/)).toBeVisible()
  await expect(
    page.getByRole('list', { name: 'Rules that it passes' }).getByRole('listitem').first(),
  ).toBeVisible()
  // Each port is open by a rule of its own.
  await page.getByRole('button', { name: '3389', exact: true }).press('Enter')
  await expect(page.getByText('Yes: tcp/3389 may pass.')).toBeVisible()
  await expect(page.getByText(/permits tcp 3389/)).toBeVisible()
  await checkA11y(page)
})

test('a resource has its paths on its own page', async ({ page }) => {
  await page.goto('/inventory/arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Frate-import?tab=paths')
  await expect(page.getByRole('link', { name: /The internet → rate-import/ }).first()).toBeVisible(FIRST)
})

test('over time stands which paths are new and how many are open', async ({ page }) => {
  await page.goto('/attack-paths')
  await page.getByRole('tab', { name: 'Over time' }).click()
  await expect(page).toHaveURL(/tab=time/)
  const list = page.getByRole('grid', { name: 'Attack paths over time' })
  // They are worked out behind the first state, and stored then: the page hears of it by itself.
  await expect(list.getByText('New', { exact: true }).first()).toBeVisible(FIRST)
  await expect(page.getByRole('slider', { name: /Open attack paths: \d+ critical/ })).toBeVisible()
  await checkA11y(page)
  await page.getByRole('checkbox', { name: /Critical/ }).check()
  await expect(page).toHaveURL(/risk=critical/)
  await list
    .getByRole('link', { name: /The internet →/ })
    .first()
    .click()
  await expect(page).toHaveURL(/attack-paths\?to=/)
  await expect(page.getByText(/attack paths? reach/)).toBeVisible(FIRST)
})
