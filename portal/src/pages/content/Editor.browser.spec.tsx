import { forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { EditorPage } from './EditorPage'
import { checkEditorSearch } from './search'

const SEARCH = '/api/v1/query/search'
const tried = {
  check: 'own.x',
  healthy: 4,
  unhealthy: 1,
  unknown: 0,
  notApplicable: 0,
  left: 0,
  changed: 1,
  unhealthyResources: [{ resource: 'arn:aws:s3:::manifests', name: 'manifests' }],
  unknownResources: [],
  asOf: 7,
}
const empty = { thing: { variable: 'r', labels: [], items: [] } }
const isTest = (path: string[], op: string, values: unknown[]) => ({
  is: 'test',
  path,
  of: 'value',
  op,
  values,
  not: false,
})
const form = (...items: object[]) => ({ thing: { variable: 'r', labels: [], items } })

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/me', { can: ['recommendation.write'], account: {} })
  serve('/api/v1/schema', {
    labels: [{ kind: 'aws.s3-bucket', label: 'AwsS3Bucket', title: 'S3 bucket', classes: [] }],
    edges: [],
  })
  serve('/api/v1/content/kinds', [{ id: 'aws.s3-bucket', title: 'S3 bucket', cloud: 'aws' }])
  serve('/api/v1/controls', [
    { id: 'restrict', title: 'Restrict access', points: 4, checks: [], description: '' },
  ])
  serve('/api/v1/query/vocabulary', {
    asOf: 1,
    lookedAt: 3,
    labels: [],
    paths: [{ path: ['Name'], types: ['text'], values: ['manifests'], more: false, things: 3 }],
    edges: [],
  })
  serve('/api/v1/checks/dry-run', tried)
  // As the server: what is in no row holds for everything.
  serve(SEARCH, (sent: string) => {
    const { text, form: asked } = JSON.parse(sent)
    if (asked === undefined) return { text, form: form(isTest(['Name'], 'eq', ['manifests'])) }
    const [first] = asked.thing.items
    const isFilled = first?.is === 'test' && first.path.length > 0 && first.values.length > 0
    return { text: isFilled ? `r.${first.path[0]} = '${first.values[0]}'` : 'true', form: empty }
  })
})

const write = (search = '') =>
  showPage({
    path: '/content/write',
    component: EditorPage,
    search: checkEditorSearch,
    at: `/content/write${search}`,
  })
const rule = () => page.getByRole('group', { name: /^Unhealthy when/ })
const textTab = (name: string) =>
  page.getByRole('tablist', { name: `${name}: how it is written` }).getByRole('tab', { name: 'openCypher' })
const BUCKET = '?kind=aws.s3-bucket&path=Name&value=%22manifests%22'
const yaml = () => sentTo<{ text: string }>('POST', '/api/v1/checks/dry-run').map((it) => it.text.split('\n'))

test('a value of a document begins as a row, and its text is what is tried', async () => {
  await write(BUCKET)
  await expect.element(rule().getByRole('combobox', { name: 'Value of' })).toHaveValue('Name')
  const found = page.getByRole('complementary', { name: 'What it would find' })
  await expect.element(found.getByRole('link', { name: 'manifests' })).toBeVisible()
  expect(yaml().at(-1)).toContain("  r.Name = 'manifests'")
  await userEvent.click(textTab('Unhealthy when'))
  await expect
    .element(page.getByRole('textbox', { name: 'Unhealthy when' }))
    .toHaveTextContent("r.Name = 'manifests'")
})

test('what is changed in rows is tried as its text, and the other way round', async () => {
  await write(BUCKET)
  await userEvent.click(rule().getByRole('button', { name: 'Remove condition' }))
  // No condition is nothing to judge by, rather than one that holds for everything.
  await expect
    .element(page.getByText('Say when a resource is unhealthy: then it is tried', { exact: false }))
    .toBeVisible()
  await expect.poll(() => yaml().some((it) => it.includes('  true'))).toBe(false)
  await userEvent.click(textTab('Unhealthy when'))
  const text = page.getByRole('textbox', { name: 'Unhealthy when' })
  await userEvent.fill(text, "r.Name = 'labels'")
  await expect.poll(() => yaml().at(-1)).toContain("  r.Name = 'labels'")
  serve(SEARCH, { text: "r.Name = 'labels'", form: form(isTest(['Name'], 'eq', ['labels'])) })
  await userEvent.click(page.getByRole('tab', { name: 'Rows' }).first())
  await expect
    .element(
      rule()
        .getByRole('combobox', { name: /^Value$|Values?/ })
        .last(),
    )
    .toHaveValue('labels')
})

test('a row that is not filled in is nothing yet, and stays', async () => {
  await write('?kind=aws.s3-bucket')
  await userEvent.click(rule().getByRole('button', { name: 'Add' }))
  await userEvent.click(page.getByRole('menuitem', { name: 'A condition on a value' }))
  await expect.poll(() => sentTo('POST', SEARCH).length).toBeGreaterThan(0)
  await expect.element(rule().getByRole('combobox', { name: 'Value of' })).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Publish' })).toHaveAttribute('aria-disabled', 'true')
  expect(sentTo('POST', '/api/v1/checks/dry-run')).toEqual([])
})

test('what no rows can show stays text and says why; writing on does not turn it into rows', async () => {
  serve(SEARCH, {
    text: 'x',
    beyond: { why: 'it is compared with something that is computed', line: 1, column: 9 },
  })
  await write('?kind=aws.s3-bucket&path=Name&value=%22manifests%22')
  await expect
    .element(
      page.getByText(
        'It stays text, because it says more than rows can show: line 1, column 9: it is compared with something that is computed.',
      ),
    )
    .toBeVisible()
  const text = page.getByRole('textbox', { name: 'Unhealthy when' })
  await expect.element(text).toHaveTextContent("r.Name = 'manifests'")
  serve(SEARCH, { text: 'y', form: form(isTest(['Name'], 'eq', ['labels'])) })
  await userEvent.fill(text, "r.Name = 'labels'")
  await expect.poll(() => yaml().at(-1)).toContain("  r.Name = 'labels'")
  await expect.element(page.getByText(/It stays text/)).not.toBeInTheDocument()
  await expect.element(text).toBeVisible()
})

test('nobody publishes the text that was there before the row', async () => {
  let answer: (body: object) => void = () => undefined
  await write(BUCKET)
  await userEvent.fill(page.getByRole('textbox', { name: /^Name of the problem/ }), 'A bucket is there')
  await userEvent.selectOptions(page.getByRole('combobox', { name: /^Control/ }), 'restrict')
  await userEvent.fill(page.getByRole('textbox', { name: /^Why it matters/ }), 'Nobody looks after it.')
  const publish = page.getByRole('button', { name: 'Publish' })
  await expect.element(publish).not.toHaveAttribute('aria-disabled', 'true')
  const held = new Promise<object>((resolve) => {
    answer = resolve
  })
  serve(SEARCH, () => held)
  await userEvent.selectOptions(rule().getByRole('combobox', { name: 'How it is compared' }), 'ne')
  await expect.element(publish).toHaveAttribute('aria-disabled', 'true')
  answer({ text: "r.Name <> 'manifests'", form: empty })
  await expect.element(publish).not.toHaveAttribute('aria-disabled', 'true')
  serve('POST /api/v1/checks', { id: 'own.a-bucket-is-there' })
  serve('POST /api/v1/checks/own.a-bucket-is-there/publish', {
    found: { healthy: 1, unhealthy: 1, unknown: 0 },
  })
  await userEvent.click(publish)
  await expect
    .poll(() => sentTo('POST', '/api/v1/checks').map((it) => JSON.stringify(it)))
    .toEqual([expect.stringContaining("r.Name <> 'manifests'")])
})

test('a problem stands at its field, in text with its place', async () => {
  serve(
    '/api/v1/checks/dry-run',
    { detail: '`text`: `unhealthy`: line 1, column 3: there is no `Nme`', code: 'invalid', fields: [] },
    {},
    422,
  )
  await write(BUCKET)
  await expect.element(rule()).toBeVisible()
  await userEvent.click(textTab('Unhealthy when'))
  await expect.element(page.getByText('Line 1, column 3: there is no `Nme`.', { exact: true })).toBeVisible()
  await expect.element(page.getByText('Mend what is marked first.')).not.toBeInTheDocument()
  await userEvent.fill(page.getByRole('textbox', { name: /^Name of the problem/ }), 'A bucket')
  await userEvent.selectOptions(page.getByRole('combobox', { name: /^Control/ }), 'restrict')
  await userEvent.fill(page.getByRole('textbox', { name: /^Why it matters/ }), 'Because.')
  await expect.element(page.getByText('Mend what is marked first.')).toBeVisible()
})

test('who may not write checks can try one, and is told', async () => {
  serve('/api/v1/me', { can: [], account: {} })
  await write(BUCKET)
  await userEvent.fill(page.getByRole('textbox', { name: /^Name of the problem/ }), 'A bucket')
  await userEvent.selectOptions(page.getByRole('combobox', { name: /^Control/ }), 'restrict')
  await userEvent.fill(page.getByRole('textbox', { name: /^Why it matters/ }), 'Because.')
  await expect.element(page.getByText('Your roles do not include checks.')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Publish' })).toHaveAttribute('aria-disabled', 'true')
  await expect.element(page.getByRole('link', { name: 'manifests' })).toBeVisible()
})
