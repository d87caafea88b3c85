import { expect, test } from '../fixture'

const account = {
  id: '/subscriptions/8754db0b-16d3-5d5a-9b52-57b778d73cdf/resourceGroups/rg-parcels/providers/Microsoft.Storage/storageAccounts/parcelphotos',
  name: 'parcelphotos',
  type: 'Microsoft.Storage/storageAccounts',
  location: 'westeurope',
  tags: { team: 'parcels' },
  properties: { allowBlobPublicAccess: true, supportsHttpsTrafficOnly: false },
}

test('import an export, and find what it holds', async ({ own: { page } }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Environments', exact: true }).click()
  await page.getByLabel('Files to import').setInputFiles({
    name: 'parcels.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify([account])),
  })
  await expect(page.getByText('parcels.json is sent', { exact: true })).toBeVisible()
  const last = page.getByRole('region', { name: 'Last imports' })
  // A job of a debug server, beside everything else that is tried.
  await expect(last.getByRole('link', { name: /1 new resource/ })).toBeVisible({ timeout: 45_000 })
  await last.getByRole('link', { name: /1 new resource/ }).click()
  await expect(page.getByRole('complementary').getByText('Import of an upload')).toBeVisible()
  await page.goto('/inventory?q=parcelphotos')
  await expect(page.getByRole('link', { name: 'parcelphotos' })).toBeVisible()
})

test('rubbish is refused with a reason, and harms nothing', async ({ own: { page } }) => {
  await page.goto('/environments')
  await page.getByLabel('Files to import').setInputFiles({
    name: 'holiday.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"broken": '),
  })
  const last = page.getByRole('region', { name: 'Last imports' })
  await expect(last.getByText(/could be read|failed|not/).first()).toBeVisible()
  await expect(page.getByText(/503 resources/)).toBeVisible()
})
