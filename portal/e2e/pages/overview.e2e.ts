import { checkA11y, checkLook, expect, test } from '../fixture'

test('the overview says what is wrong in one sentence, whose figures are links', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  const sentence = page.getByText(/open recommendations concern/)
  await expect(sentence).toContainText(/secure score is \d/)
  await sentence.getByRole('link', { name: /critical/ }).click()
  await expect(page).toHaveURL(/\/recommendations\?state=unhealthy&severity=critical/)
})

test('the best fixes say what they gain and on how many resources', async ({ page }) => {
  await page.goto('/')
  const fixes = page.getByRole('region', { name: 'What to do first' }).getByRole('row')
  await expect(fixes).toHaveCount(8)
  await expect(fixes.nth(1)).toContainText(/\+\d+\.\d/)
})

test('the overview looks as it did', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('region', { name: 'Compliance' }).getByRole('link').first()).toBeVisible()
  await expect(page.getByText('Unchanged since')).toBeVisible()
  await checkLook(page, 'overview')
})

test('a keyboard alone gets everywhere', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused()
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await expect(page.getByRole('heading', { level: 1, name: 'Inventory' })).toBeVisible()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog')
  await expect(help.getByText('Go to Overview')).toBeVisible()
  await checkA11y(page)
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Search or command' })
  await expect(field).toBeFocused()
  await field.fill('anonymous')
  const found = page.getByRole('option', { name: /anonymous access to blobs/ }).first()
  await expect(found).toBeVisible()
  await checkA11y(page)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/recommendations\//)
})

test('a scope narrows every page and stays in the address', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Scope: Everything' }).click()
  await page.getByRole('combobox', { name: 'Find a scope' }).fill('corporate')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\?scope=/)
  await expect(page.getByRole('button', { name: /^Scope: .*corporate/i })).toBeVisible()
  await page.getByRole('link', { name: 'Inventory', exact: true }).click()
  await expect(page).toHaveURL(/\/inventory\?.*scope=/)
})

test('an address that there is not says so', async ({ page }) => {
  await page.goto('/no/such/page')
  await expect(page.getByRole('heading', { name: 'No such page' })).toBeVisible()
  await checkA11y(page)
})

test('the account looks as it did', async ({ page }) => {
  await page.goto('/account')
  await expect(page.getByText('This one')).toBeVisible()
  await checkLook(page, 'account')
})
