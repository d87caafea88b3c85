import { functions } from '../../src/components/cypher/words'
import { examples } from '../../src/pages/query/examples'
import { checkA11y, checkLook, expect, test } from '../fixture'

test('questions to start from', async ({ page }) => {
  await page.goto('/query')
  await expect(page.getByRole('heading', { name: 'Questions to start from' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Query' })).toBeVisible()
  await checkLook(page, 'query')
})

test('each example has an answer in the sample estate', async ({ page }) => {
  await page.goto('/query')
  for (const { title, query } of examples) {
    const answer = await page.request.post('/api/v1/query', {
      data: { query, limit: 100, timeout: 10 },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(answer.ok(), `${title}: ${answer.ok() ? '' : await answer.text()}`).toBe(true)
    const { rows } = await answer.json()
    expect(rows.length, title).toBeGreaterThan(0)
  }
})

test('each function that is offered exists', async ({ page }) => {
  await page.goto('/query')
  const unknown: string[] = []
  for (const { name, takes } of functions) {
    const answer = await page.request.post('/api/v1/query', {
      // What takes a condition is syntax rather than a function, and is written as one.
      data: {
        query: takes.includes('WHERE')
          ? `RETURN ${name}(x IN [1] WHERE x = 1)`
          : `RETURN ${name}(1, 2, 3, 4, 5, 6, 7)`,
      },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    const said = answer.ok() ? '' : await answer.text()
    if (/there is no function/i.test(said) || (takes.includes('WHERE') && said !== ''))
      unknown.push(`${name}: ${said}`)
  }
  expect(unknown).toEqual([])
})

test('a question is written with help, asked, and shown as a graph', async ({ page }) => {
  await page.goto('/query')
  const editor = page.locator('.cm-content')
  await editor.click()
  await page.keyboard.type('MATCH (k:Ke')
  await expect(page.getByRole('option', { name: 'Key across clouds' }).first()).toBeVisible()
  await page.keyboard.press('Escape')
  const question = 'MATCH (k:Key)<-[e:ENCRYPTED_WITH]-(r:Database) RETURN k, e, r'
  await page.goto(`/query?q=${encodeURIComponent(question)}`)
  await editor.click()
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByText('4 rows.', { exact: true })).toBeVisible()
  await page.getByRole('tab', { name: /Graph/ }).click()
  await expect(page).toHaveURL(/as=graph/)
  await expect(
    page
      .getByRole('region', { name: /as a graph/ })
      .getByRole('link', { name: /shipments/ })
      .first(),
  ).toBeVisible()
  await checkA11y(page)
})

test('what is wrong is said and underlined at its place', async ({ page }) => {
  await page.goto(`/query?q=${encodeURIComponent('MATCH (d:Databse)\nRETURN d')}`)
  await expect(page.getByRole('alert')).toContainText('Line 1, column 10: there is no label `Databse`')
  await expect(page.locator('.cm-lintRange-error')).toHaveText(/Databse/)
  await checkA11y(page)
})

test('questions are remembered, and answers leave as CSV', async ({ page }) => {
  await page.goto(`/query?q=${encodeURIComponent('// Names of keys\nMATCH (k:Key) RETURN k.name')}`)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  expect((await download).suggestedFilename()).toBe('answer.csv')
  await page.goto('/query')
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByRole('menuitem', { name: /Names of keys/ }).click()
  await expect(page).toHaveURL(/Names\+of\+keys/)
})
