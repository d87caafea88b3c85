import { readFile } from 'node:fs/promises'
import { expect, test } from '../fixture'

test('export a compliance report', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Compliance', exact: true }).click()
  await page.getByRole('link', { name: 'Microsoft cloud security benchmark' }).last().click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Microsoft cloud security benchmark')
  const html = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Report to print' }).click()
  const report = await html
  expect(report.suggestedFilename()).toBe('mcsb-v1.html')
  const text = await readFile(await report.path(), 'utf8')
  expect(text).toContain('Establish network segmentation boundaries')
  expect(text).toContain('RDS database can be reached from the internet')
  const csv = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const table = await readFile(await (await csv).path(), 'utf8')
  expect(table.split('\r\n')).toHaveLength(85 + 2)
})
