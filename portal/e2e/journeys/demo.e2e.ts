// What somebody sees who tries Merlon for the first time: `merlon demo`, and the overview.
import { expect, test as base } from '@playwright/test'
import { type Demo, startDemo } from '../server'

const test = base.extend<{ demo: Demo }>({
  demo: async ({}, use) => {
    const demo = await startDemo()
    await use(demo)
    await demo.stop()
  },
})

test('the demo opens with what its account says, and has a history', async ({ page, demo }) => {
  await page.goto(demo.url)
  await page.getByLabel('Name').fill(demo.name)
  await page.getByLabel('Password').fill(demo.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await expect(page.getByText(/open recommendations concern/)).toBeVisible()
  const score = page.getByRole('region', { name: 'Secure score' })
  await expect(score.getByText(/points of a hundred with/)).toBeVisible()
  const changes = page.getByRole('region', { name: 'Latest changes' }).getByRole('listitem')
  await expect(changes).toHaveCount(5)
  await expect(changes.first()).toContainText('findings')
})
