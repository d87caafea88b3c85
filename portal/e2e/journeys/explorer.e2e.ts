// Finding what matters without writing a query.
import { templates } from '../../src/pages/explorer/templates'
import { checkA11y, expect, test } from '../fixture'

test('find internet-facing machines with admin rights by the builder', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Explorer', exact: true }).click()
  const builder = page.getByRole('region', { name: 'Builder' })
  // By the keyboard alone from here on.
  await builder.getByRole('combobox', { name: 'What to find' }).focus()
  await page.keyboard.type('VirtualMachine')
  await page.getByRole('option', { name: /^VirtualMachine/ }).waitFor()
  await page.keyboard.press('Enter')
  await expect(builder.getByText('14 matches')).toBeVisible()
  const add = async (name: string, nth: 'first' | 'last' = 'last') => {
    const buttons = builder.getByRole('button', { name: 'Add', exact: true })
    await (nth === 'first' ? buttons.first() : buttons.last()).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name, exact: true }).focus()
    await page.keyboard.press('Enter')
  }
  await add('Reachable from the internet')
  await add('A connected thing')
  await builder.getByRole('combobox', { name: 'Edge' }).focus()
  await page.keyboard.type('RUNS_AS')
  await page.getByRole('option', { name: /^RUNS_AS/ }).waitFor()
  await page.keyboard.press('Enter')
  await builder.getByRole('combobox', { name: 'How far' }).selectOption('over 1 to 2 steps')
  await add('Administrator', 'first')
  await expect(builder.getByText(/^\d+ match(es)?$/)).toBeVisible()
  await page.getByRole('button', { name: 'Run', exact: true }).click()

  const answer = page.getByRole('grid', { name: 'Answer' })
  await expect(answer.getByText('administrator').first()).toBeVisible()
  await expect(answer.getByText(/internet: wide/).first()).toBeVisible()
  await checkA11y(page)

  // The link asks the same again; the text says the same as the rows.
  await page.reload()
  await expect(builder.getByRole('combobox', { name: 'How far' })).toHaveValue('2')
  await page.getByRole('tab', { name: 'openCypher' }).click()
  await expect(page.getByRole('textbox', { name: 'Query' })).toContainText('merlon.administrator = true')
  await page.getByRole('tab', { name: /^Graph/ }).click()
  await expect(page.getByText('RUNS_AS').first()).toBeVisible()
})

test('each template has a form and an answer', async ({ page }) => {
  await page.goto('/explorer')
  for (const { title, query } of templates) {
    const headers = { 'sec-fetch-site': 'same-origin' }
    const told = await page.request.post('/api/v1/query/search', { data: { text: query }, headers })
    expect(told.ok(), title).toBe(true)
    const { form, beyond } = await told.json()
    expect(beyond, title).toBeUndefined()
    const back = await page.request.post('/api/v1/query/search', { data: { form }, headers })
    expect((await back.json()).text, title).toBe(query)
    const answer = await page.request.post('/api/v1/query', {
      data: { query, limit: 100, timeout: 10 },
      headers,
    })
    expect(answer.ok(), `${title}: ${answer.ok() ? '' : await answer.text()}`).toBe(true)
  }
})

test('what a question may ask for is what the other pages say', async ({ page }) => {
  await page.goto('/explorer')
  const headers = { 'sec-fetch-site': 'same-origin' }
  const ask = async (query: string) => {
    const answer = await page.request.post('/api/v1/query', { data: { query, limit: 1000 }, headers })
    const { rows }: { rows: { id: string }[][] } = await answer.json()
    return rows.flatMap(([node]) => (node === undefined ? [] : [node.id])).sort()
  }
  const exposure: { items: { id: string; answer: string }[] } = await (
    await page.request.get('/api/v1/exposure')
  ).json()
  const reached = exposure.items.filter((it) => it.answer === 'yes').map((it) => it.id)
  expect(reached.length).toBeGreaterThan(0)
  expect(await ask('MATCH (r) WHERE r.merlon.internet IS NOT NULL RETURN r')).toEqual(reached.sort())

  const administrators = await ask('MATCH (i) WHERE i.merlon.administrator = true RETURN i')
  expect(administrators.length).toBeGreaterThan(0)
  const told = await page.request.post('/api/v1/query/insights', { data: { ids: administrators }, headers })
  const known: { items: { id: string; administrator?: string }[] } = await told.json()
  expect(known.items.map((it) => it.id).sort()).toEqual(administrators)
  expect(known.items.every((it) => it.administrator === 'yes')).toBe(true)

  const vocabulary = await page.request.get('/api/v1/query/vocabulary?label=VirtualMachine')
  const {
    labels,
    paths,
    edges,
  }: {
    labels: { label: string; things: number }[]
    paths: { path: string[] }[]
    edges: { type: string; isOutgoing: boolean; label: string }[]
  } = await vocabulary.json()
  expect(labels).toContainEqual({ label: 'VirtualMachine', things: 14 })
  expect(paths.some((it) => it.path.join('.') === 'merlon.tags.env')).toBe(true)
  expect(edges.some((it) => it.type === 'RUNS_AS' && it.isOutgoing && it.label === 'ServiceIdentity')).toBe(
    true,
  )
})
