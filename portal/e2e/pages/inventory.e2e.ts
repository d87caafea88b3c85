import { checkA11y, checkLook, expect, test } from '../fixture'

test('everything that was read, with what matters said first', async ({ page }) => {
  await page.goto('/inventory')
  const main = page.getByRole('main')
  await expect(main.getByText(/^503 resources in \d+ scopes; 20 have critical problems/)).toBeVisible()
  const grid = page.getByRole('grid', { name: 'Resources' })
  await expect(grid).toHaveAttribute('aria-rowcount', '504')
  await expect(grid.getByRole('row').nth(1)).toContainText('label-scanner')
  await checkLook(page, 'inventory')
})

test('facets narrow the list, chips take them away, and the address keeps both', async ({ page }) => {
  await page.goto('/inventory')
  const filters = page.getByRole('region', { name: 'Filters' })
  await filters.getByRole('checkbox', { name: /^Critical/ }).check()
  await filters.getByRole('checkbox', { name: /^AWS/ }).check()
  await expect(page).toHaveURL(/severity=critical&?.*cloud=aws|cloud=aws&?.*severity=critical/)
  await page.reload()
  const chips = page.getByRole('list', { name: 'Filters that hold' })
  await expect(chips.getByRole('listitem')).toHaveCount(3)
  await chips.getByRole('button', { name: 'Remove Cloud AWS' }).click()
  await expect(page.getByText('20 resources', { exact: true })).toBeVisible()
  await page.goBack()
  await expect(chips.getByText('AWS')).toBeVisible()
})

test('words find resources while they are typed; nothing found is said', async ({ page }) => {
  await page.goto('/inventory')
  await page.getByRole('searchbox', { name: 'Find resources' }).fill('depot')
  await expect(page).toHaveURL(/q=depot/)
  await expect(page.getByText('503 resources', { exact: true })).toHaveCount(0)
  await expect(
    page.getByRole('grid').getByRole('row').filter({ hasText: 'depot-stock' }).first(),
  ).toBeVisible()
  await page.getByRole('searchbox', { name: 'Find resources' }).fill('nothing-is-called-this')
  await expect(page.getByRole('heading', { name: 'Nothing fits these filters' })).toBeVisible()
  await checkA11y(page)
  await page.getByRole('button', { name: 'Clear all filters' }).click()
  await expect(page.getByText('503 resources', { exact: true })).toBeVisible()
})

test('keys walk the list, and the panel follows', async ({ page }) => {
  await page.goto('/inventory')
  await expect(page.getByRole('grid', { name: 'Resources' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary').getByRole('heading', { level: 2 }).first()).toContainText(
    'i-0a4d23af',
  )
  await page.keyboard.press('j')
  await expect(page.getByRole('complementary').getByRole('heading', { level: 2 }).first()).toContainText(
    'account-summary',
  )
  await checkA11y(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary')).toHaveCount(0)
})

test('a view is kept in the browser under its name', async ({ page }) => {
  await page.goto('/inventory?cloud=gcp')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view…' }).click()
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('All of Google')
  await page.keyboard.press('Enter')
  await page.goto('/inventory')
  await page.getByRole('button', { name: 'All resources' }).click()
  await page.getByRole('menuitem', { name: 'All of Google' }).click()
  await expect(page.getByText('69 resources', { exact: true })).toBeVisible()
})

test('the list is downloaded as it is filtered', async ({ page }) => {
  await page.goto('/inventory?cloud=gcp')
  await page.getByRole('button', { name: 'Download' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /CSV/ }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe('resources.csv')
  const stream = await file.createReadStream()
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part))
  const ids =
    Buffer.concat(parts)
      .toString()
      .match(/\/\/[a-z]+\.googleapis\.com\//g) ?? []
  expect(ids.length).toBeGreaterThanOrEqual(60)
})
