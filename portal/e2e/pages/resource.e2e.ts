import { checkA11y, checkLook, expect, test } from '../fixture'

const id = 'k8s:2ba41259-70b3-5e87-b9a2-d3104dd6ea96/apps/deployment/depot/label-scanner'
const address = `/inventory/${encodeURIComponent(id)}`

test('what is wrong with it, and what proves the worst of it', async ({ page }) => {
  await page.goto(address)
  await expect(page.getByRole('heading', { level: 1, name: 'label-scanner' })).toBeVisible()
  await expect(page.getByText(/2 critical, 3 high/)).toBeVisible()
  await expect(page.getByRole('region', { name: 'Found' })).toContainText('cluster-admin')
  await expect(page.getByRole('region', { name: 'Wanted' })).toContainText('RUNS_AS')
  await checkLook(page, 'resource')
})

test('its document, with the values that problems rest on, begins a check', async ({ page }) => {
  await page.goto(`${address}?tab=document&path=spec.template.spec.hostPID`)
  const line = page.getByRole('treeitem', { name: /^hostPID: true\./ })
  await expect(line).toBeVisible()
  await checkA11y(page)
  await line.hover()
  await line.getByRole('button', { name: 'Write a check from this value' }).click()
  await expect(page).toHaveURL(
    /\/content\/write\?kind=k8s\.deployment&path=spec\.template\.spec\.hostPID&value=true/,
  )
})

test('its assessments open one after the other with their evidence', async ({ page }) => {
  await page.goto(`${address}?tab=assessments`)
  await page.getByRole('row', { name: /Pod mounts the socket/ }).click()
  await expect(page).toHaveURL(/check=k8s\.workload\.runtime-socket/)
  await expect(page.getByRole('region', { name: 'Found' })).toContainText('containerd.sock')
  await page.getByRole('link', { name: 'spec.template.spec.volumes[1].hostPath.path' }).click()
  await expect(page.getByRole('treeitem', { name: /^path: "\/run\/containerd/ })).toBeVisible()
})

test('its history and its neighbours, as a graph and as a list', async ({ page }) => {
  await page.goto(`${address}?tab=history`)
  await expect(page.getByRole('listitem').filter({ hasText: 'Appeared' })).toContainText('brought in by')
  await checkA11y(page)
  await page.getByRole('tab', { name: /Neighbours/ }).click()
  await expect(
    page.getByRole('region', { name: /as a graph/ }).getByRole('link', { name: /default/ }),
  ).toBeVisible()
  await expect(page.getByRole('grid', { name: 'Neighbours' }).getByRole('row')).toHaveCount(3)
  await checkA11y(page)
})

test('what is not there is said', async ({ page }) => {
  await page.goto('/inventory/no-such-thing')
  await expect(page.getByRole('alert')).toContainText('There is no such thing')
  await checkA11y(page)
})
