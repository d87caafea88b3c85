// Three of the commonest tasks, as somebody does them who sees the portal for the first time.
import { expect, test } from '../fixture'

test('find all resources with a tag', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Inventory', exact: true }).click()
  await page.getByRole('searchbox', { name: 'Find in Tag' }).fill('env=prod')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Filters that hold' })).toContainText('env=prod')
  await expect(page.getByText('92 resources', { exact: true })).toBeVisible()
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()
  await expect(page.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending')
})

test('answer which databases are open', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Query', exact: true }).click()
  await page.getByRole('button', { name: /Which databases are open/ }).click()
  const answer = page.getByRole('grid', { name: 'Answer' })
  for (const name of ['route-planner', 'depot-stock', 'sql-legacy-rates']) {
    await expect(answer.getByRole('link', { name, exact: true })).toBeVisible()
  }
  await answer.getByRole('link', { name: 'depot-stock', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'depot-stock' })).toBeVisible()
})

test('find the worst problem of a resource, and the value that proves it', async ({ page }) => {
  await page.goto('/inventory')
  await page.getByRole('link', { name: /have critical problems/ }).click()
  await expect(page.getByText('20 resources', { exact: true })).toBeVisible()
  await page.getByRole('row', { name: /^depot-stock Critical/ }).click()
  const panel = page.getByRole('complementary', { name: /depot-stock/ })
  await expect(panel.getByRole('region', { name: 'Found' })).toContainText('0.0.0.0/0')
  await panel.getByRole('link', { name: 'Open page' }).click()
  await page.getByRole('region', { name: 'Found' }).getByRole('link', { name: 'PubliclyAccessible' }).click()
  await expect(page.getByRole('treeitem', { name: /^PubliclyAccessible: true/ })).toBeVisible()
})
