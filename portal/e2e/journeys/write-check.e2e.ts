import type { Page } from '@playwright/test'
import { checkA11y, expect, test } from '../fixture'

/** Shows the condition as openCypher. */
const asText = (page: Page) =>
  page
    .getByRole('group', { name: /^Unhealthy when/ })
    .getByRole('tab', { name: 'openCypher' })
    .click()

test('write a check from a value of a document', async ({ page }) => {
  await page.goto('/content/write?kind=aws.s3-bucket&path=Name&value=%22tern-labels-111122223333%22')
  const preview = page.getByRole('complementary', { name: 'What it would find' })
  await expect(preview.getByRole('link', { name: 'tern-labels-111122223333' })).toBeVisible()
  // The value is a row; the text says the same, and the other way round.
  const rule = page.getByRole('group', { name: /^Unhealthy when/ })
  await expect(rule.getByRole('combobox', { name: 'Value of' })).toHaveValue('Name')
  await rule.getByRole('combobox', { name: 'How it is compared' }).selectOption('startsWith')
  await checkA11y(page)
  await asText(page)
  const predicate = page.getByRole('textbox', { name: 'Unhealthy when' })
  await expect(predicate).toContainText("r.Name STARTS WITH 'tern-labels-111122223333'")
  await predicate.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type("r.Nme STARTS WITH 'tern'")
  await expect(page.getByText(/Line 1, column \d+: there is no `Nme`/)).toBeVisible()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type("r.Name STARTS WITH 'tern'")
  await expect(preview.getByRole('list', { name: 'Unhealthy' }).getByRole('listitem')).toHaveCount(5)
  await rule.getByRole('tab', { name: 'Rows' }).click()
  await expect(rule.getByRole('combobox', { name: 'How it is compared' })).toHaveValue('startsWith')
  await asText(page)
  await predicate.fill("size([x IN r.Name WHERE x = 'a' | x]) > 3")
  await rule.getByRole('tab', { name: 'Rows' }).click()
  await expect(rule.getByText(/It stays text, because it says more than rows can show/)).toBeVisible()
  await expect(predicate).toBeVisible()
  await page.getByRole('textbox', { name: 'Name of the problem' }).fill('A bucket of Tern is still here')
  await expect(page.getByText('Its id: own.a-bucket-of-tern-is-still-here')).toBeVisible()
})

test('a check of one’s own is published, counts, is rolled back and disabled', async ({ own: { page } }) => {
  const write = async (predicate: string) => {
    await asText(page)
    await page.getByRole('textbox', { name: 'Unhealthy when' }).click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type(predicate)
  }
  const finds = async (n: number) => {
    await page.getByRole('link', { name: 'What it finds' }).click()
    const rows = page.getByRole('grid', { name: 'Affected resources' }).getByRole('row')
    await expect(rows).toHaveCount(n + 1)
    await page.goBack()
  }
  await page.goto('/content/write?kind=aws.s3-bucket&path=Name&value=%22tern-labels-111122223333%22')
  await page.getByRole('textbox', { name: 'Name of the problem' }).fill('A bucket of Tern is still here')
  await page.getByRole('combobox', { name: 'Control' }).selectOption({ index: 1 })
  await page.getByRole('textbox', { name: 'Why it matters' }).fill('Nobody looks after them any more.')
  await write("r.Name STARTS WITH 'tern'")
  const preview = page.getByRole('complementary', { name: 'What it would find' })
  await expect(preview.getByRole('list', { name: 'Unhealthy' }).getByRole('listitem')).toHaveCount(5)
  await preview.getByRole('button', { name: 'Publish' }).click()
  await expect(page.getByText('Published: it judges what is imported.')).toBeVisible()
  await finds(5)

  await page.getByRole('link', { name: 'Change it' }).click()
  await write("r.Name STARTS WITH 'tern-labels'")
  await expect(preview.getByRole('list', { name: 'Unhealthy' }).getByRole('listitem')).toHaveCount(1)
  await preview.getByRole('button', { name: 'Keep as draft' }).click()
  await expect(page.getByText(/the changes do not count before they are published/)).toBeVisible()
  await finds(5)
  await page.getByRole('button', { name: 'Publish version 2' }).click()
  await expect(page.getByText('Published: it judges what is imported.')).toBeVisible()
  await finds(1)

  await page.getByText('Versions', { exact: true }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'Version 2' })).toContainText('published')
  await checkA11y(page)
  await page.getByRole('button', { name: 'Publish this one' }).click()
  await expect(page.getByText('Rolled back', { exact: true })).toBeVisible()
  await finds(5)

  await page.getByRole('button', { name: 'Disable' }).click()
  await expect(page.getByText('Disabled: it judges nothing any more.')).toBeVisible()
  await page.getByRole('link', { name: 'What it finds' }).click()
  await expect(page.getByRole('alert')).toContainText('There is no such thing')
})
