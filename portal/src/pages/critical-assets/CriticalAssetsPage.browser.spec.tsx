import { asked, forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { useKeyboard } from '#/frame/keys'
import { showPage } from '#/test/page'
import { aroundIt, toAdmin, toBucket } from '#/pages/attack-paths/fixture'
import { Notices } from '#/ui/notify'
import { CriticalAssetsPage } from './CriticalAssetsPage'
import { changeOf } from './Finish'
import { criticalSearch, wizardSearch } from './search'
import { WizardPage } from './WizardPage'

const DB = 'arn:aws:rds:eu-west-1:111122223333:db:ledger'
const asset = {
  id: DB,
  name: 'ledger',
  kind: 'aws.rds-instance',
  cloud: 'aws',
  scope: 'aws:111122223333',
  level: 'veryHigh',
  classifications: ['aws.critical.database', 'own.ledger'],
  decisions: [],
  can: [],
}
const facets = [
  { name: 'level', values: [{ value: 'veryHigh', count: 1 }], more: 0 },
  { name: 'classification', values: [{ value: 'own.ledger', count: 1 }], more: 0 },
]
const rule = {
  id: 'aws.critical.database',
  title: 'Production database',
  description: 'Holds what customers entrust.',
  level: 'high',
  ownLevel: 'high',
  assets: 'cloudResource',
  kinds: ['aws.rds-instance'],
  where: "r.merlon.tags.env = 'prod'",
  review: false,
  on: true,
  own: false,
  matching: 1,
  references: ['https://example.org/databases'],
  can: ['classification.set'],
}
const own = {
  ...rule,
  id: 'own.ledger',
  title: 'Ledger databases',
  level: 'veryHigh',
  ownLevel: 'veryHigh',
  own: true,
  references: [],
  can: ['classification.set', 'classification.write'],
}
const kind = {
  id: 'aws.rds-instance',
  title: 'RDS instance',
  cloud: 'aws',
  native: 'AWS::RDS::DBInstance',
  status: 'stable',
  labels: ['Database'],
  parts: 0,
  checks: 3,
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'quay' }] })
  serve('/api/v1/content/kinds', [kind])
  serve('/api/v1/schema', { labels: [], edges: [], functions: [] })
  serve('/api/v1/me', { can: ['classification.write', 'classification.set'] })
  serve('/api/v1/critical-assets', { items: [asset], total: 1, facets, asOf: 7 })
  serve('/api/v1/critical-assets/review', { items: [], total: 0, facets: [], asOf: 7 })
  serve('/api/v1/classifications', { items: [rule, own], asOf: 7 })
})

/** The page with what the frame gives it: keys and notices. */
function Shown() {
  useKeyboard()
  return (
    <>
      <CriticalAssetsPage />
      <Notices />
    </>
  )
}

const show = (search = '') =>
  showPage({
    path: '/critical-assets',
    component: Shown,
    search: criticalSearch,
    at: `/critical-assets${search}`,
  })

const write = (search = '') =>
  showPage({
    path: '/critical-assets/write',
    component: WizardPage,
    search: wizardSearch,
    at: `/critical-assets/write${search}`,
  })

test('each asset has its level and the classifications that say so', async () => {
  await show()
  await expect.element(page.getByText('1 asset is critical', { exact: false })).toBeVisible()
  const row = page.getByRole('grid').getByRole('row').nth(1)
  await expect.element(row).toHaveTextContent('Very high')
  await expect
    .element(row.getByRole('link', { name: 'Ledger databases' }))
    .toHaveAttribute('href', expect.stringContaining('open=own.ledger'))
})

test('a filter is asked of the server', async () => {
  const address = await show()
  const box = page.getByRole('checkbox', { name: /Ledger databases/ })
  await expect.element(box).toBeInTheDocument()
  box.element().focus()
  await userEvent.keyboard(' ')
  await expect.poll(address).toContain('classification=own.ledger')
  await expect.poll(() => asked.some((it) => it.includes('classification=own.ledger'))).toBe(true)
})

test('a classification is switched off, and that can be undone', async () => {
  serve('/api/v1/classifications/aws.critical.database', {
    sequence: 8,
    classification: rule.id,
    matching: 0,
    evaluated: 4,
  })
  await show('?tab=classifications')
  const rows = page.getByRole('grid').getByRole('row')
  // One's own stand first.
  await expect.element(rows.nth(1)).toHaveTextContent('Ledger databases')
  await userEvent.click(page.getByRole('switch', { name: 'Production database is on' }))
  await expect
    .poll(() => asked.filter((it) => it === '/api/v1/classifications/aws.critical.database').length)
    .toBe(1)
})

test('what comes with Merlon is not changed or deleted; what is one’s own is', async () => {
  await show('?tab=classifications&open=aws.critical.database')
  await expect.element(page.getByText('Holds what customers entrust.')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Delete…' })).not.toBeInTheDocument()
  await expect.element(page.getByRole('link', { name: 'Write one like it' })).toBeVisible()
})

test('nothing to review is said to be so', async () => {
  await show('?tab=review')
  await expect.element(page.getByRole('heading', { name: 'Nothing to review' })).toBeVisible()
})

test('the wizard tries the condition as it is written, and lets it count', async () => {
  serve('/api/v1/classifications/preview', {
    matching: 1,
    unknown: 2,
    lookedAt: 5,
    items: [{ id: DB, name: 'ledger', kind: 'aws.rds-instance', scope: 'aws:111122223333' }],
  })
  serve('/api/v1/attack-paths', { paths: [], unproven: [], chokePoints: [], gaps: [], asOf: 7 })
  const address = await write()
  const next = page.getByRole('button', { name: 'Next' })
  await expect.element(page.getByText('Give it a name.')).toBeVisible()
  await userEvent.fill(page.getByRole('textbox', { name: /Name/ }), 'Ledgers of the quay')
  await userEvent.click(next)
  await expect.poll(address).toContain('step=2')
  // The next field has the focus: nobody has to look for it.
  await expect.element(page.getByRole('combobox', { name: 'It looks at' })).toHaveFocus()
  await userEvent.keyboard('rds')
  await userEvent.click(page.getByRole('option', { name: /RDS instance/ }))
  await userEvent.click(page.getByRole('tab', { name: 'openCypher' }))
  const condition = page.getByRole('textbox', { name: 'It holds when' })
  await expect.element(condition).toBeVisible()
  await userEvent.fill(condition, 'true')
  await expect.element(page.getByText('of 5 resources that it looks at')).toBeVisible()
  await expect.element(page.getByText('2', { exact: true })).toBeVisible()
  await userEvent.click(next)
  await userEvent.click(page.getByText(/Whoever has it has the business/))
  await userEvent.click(next)
  await expect.element(page.getByText('own.ledgers-of-the-quay')).toBeVisible()
  serve('POST /api/v1/classifications', {
    sequence: 8,
    classification: 'own.ledgers-of-the-quay',
    matching: 1,
    evaluated: 5,
  })
  await userEvent.click(page.getByRole('button', { name: 'Let it count' }))
  await expect.element(page.getByRole('heading', { name: 'Ledgers of the quay counts now' })).toBeVisible()
  await expect.element(page.getByText(/Attack paths to what matters: 0, as before/)).toBeVisible()
})

test('what a classification does to the attack paths is said and named', () => {
  const lower = { ...toAdmin, risk: 'high' }
  expect(changeOf({ paths: [toAdmin] }, { paths: [toAdmin] })).toBe(
    'Attack paths to what matters: 1, as before.',
  )
  expect(changeOf({ paths: [lower, aroundIt] }, { paths: [toAdmin, toBucket] })).toBe(
    'Attack paths to what matters: 2, 1 new, 1 gone, 1 of another risk.',
  )
})

test('a problem of the condition is shown at its place, and nobody goes on with it', async () => {
  serve(
    '/api/v1/classifications/preview',
    { detail: '`where`: line 1, column 3: `=` needs two sides', code: 'invalid', fields: [] },
    {},
    422,
  )
  await write('?kind=aws.rds-instance&where=r.x%20%3D&step=2')
  await userEvent.fill(page.getByRole('textbox', { name: /Name/ }), 'Ledgers')
  await userEvent.click(page.getByRole('button', { name: 'Next' }))
  await userEvent.click(page.getByRole('tab', { name: 'openCypher' }))
  await expect.element(page.getByText('Line 1, column 3: `=` needs two sides')).toBeVisible()
  await expect.element(page.getByText('Mend the condition first.')).toBeVisible()
})

test('who may not write one is told so', async () => {
  serve('/api/v1/me', { can: [] })
  await write()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})

const likely = {
  ...asset,
  id: 'arn:likely',
  name: 'mail-01',
  level: 'high',
  classifications: ['own.ledger'],
  decisions: [],
  can: ['asset.decide'],
}
const other = { ...likely, id: 'arn:other', name: 'mail-02' }
const reviewFacets = [
  {
    name: 'decision',
    values: [
      { value: 'undecided', count: 2 },
      { value: 'critical', count: 1 },
    ],
    more: 0,
  },
]
const toReview = (items: object[]) =>
  serve('/api/v1/critical-assets/review', { items, total: items.length, facets: reviewFacets, asOf: 7 })
const decisions = () => sentTo('POST', '/api/v1/critical-assets/decisions')
const strip = (name: string) => page.getByRole('form', { name })

test('ticked assets are marked as critical with a level and a reason, and that can be undone', async () => {
  toReview([likely, other])
  const items = [
    { asset: 'arn:likely', classifications: ['own.ledger'] },
    { asset: 'arn:other', classifications: ['own.ledger'] },
  ]
  serve('POST /api/v1/critical-assets/decisions', { sequence: 8, items, evaluated: 2 })
  await show('?tab=review')
  await expect.element(page.getByText('mail-02')).toBeVisible()
  page.getByRole('checkbox', { name: 'Select the rows in view' }).element().focus()
  await userEvent.keyboard(' ')
  await userEvent.click(page.getByRole('button', { name: 'Mark as critical…' }))
  const form = strip('Mark as critical: 2 assets')
  await userEvent.selectOptions(form.getByRole('combobox', { name: 'Level' }), 'veryHigh')
  await expect
    .element(form.getByRole('button', { name: 'Mark as critical' }))
    .toHaveAttribute('aria-disabled', 'true')
  await userEvent.fill(form.getByRole('textbox', { name: 'Why' }), ' All invoices pass them ')
  await userEvent.keyboard('{Enter}')
  await expect
    .poll(decisions)
    .toEqual([{ items, decision: 'critical', level: 'veryHigh', reason: 'All invoices pass them' }])
  await expect.element(form).not.toBeInTheDocument()
  await expect.element(page.getByText('2 selected', { exact: false })).not.toBeInTheDocument()
  await userEvent.click(page.getByRole('button', { name: 'Undo' }))
  await expect.poll(() => decisions()[1]).toEqual({ items, decision: 'undecided', reason: '' })
})

test('who changes their mind keeps the ticks, and the keys do the same as the buttons', async () => {
  toReview([likely, other])
  serve('POST /api/v1/critical-assets/decisions', { sequence: 8, items: [], evaluated: 0 })
  await show('?tab=review')
  await expect.element(page.getByText('mail-02')).toBeVisible()
  await userEvent.keyboard('x')
  await userEvent.keyboard('n')
  const form = strip('Not critical: mail-01')
  await expect.element(form.getByRole('textbox', { name: 'Why' })).toHaveFocus()
  await expect.element(form.getByRole('combobox', { name: 'Level' })).not.toBeInTheDocument()
  await userEvent.keyboard('{Escape}')
  await expect.element(form).not.toBeInTheDocument()
  await expect.element(page.getByText('1 selected', { exact: false })).toBeVisible()
})

test('what was decided is listed by its filter, with by whom, and can be taken back', async () => {
  const was = {
    classification: 'own.ledger',
    decision: 'notCritical',
    reason: 'A copy',
    by: 'ada',
    at: '2026-11-23T04:00:00Z',
  }
  toReview([{ ...likely, decisions: [was] }])
  const items = [{ asset: 'arn:likely', classifications: ['own.ledger'] }]
  serve('POST /api/v1/critical-assets/decisions', { sequence: 8, items, evaluated: 0 })
  await show('?tab=review&decision=notCritical')
  await expect.poll(() => asked.some((it) => it.includes('decision=notCritical'))).toBe(true)
  const row = page.getByRole('grid').getByRole('row').nth(1)
  await expect.element(row).toHaveTextContent(/Not critical by ada/)
  await userEvent.hover(row)
  await userEvent.click(row.getByRole('button', { name: 'Take back' }))
  await expect.poll(decisions).toEqual([{ items, decision: 'undecided', reason: '' }])
  await userEvent.click(page.getByRole('button', { name: 'Undo' }))
  await expect.poll(() => decisions()[1]).toEqual({ items, decision: 'notCritical', reason: 'A copy' })
})

test('who may not decide sees why', async () => {
  toReview([{ ...likely, can: [] }])
  await show('?tab=review')
  await expect.element(page.getByText('mail-01')).toBeVisible()
  await userEvent.keyboard('x')
  await expect
    .element(page.getByRole('button', { name: 'Mark as critical…' }))
    .toHaveAttribute('aria-disabled', 'true')
  await userEvent.keyboard('c')
  await expect.element(page.getByRole('textbox', { name: 'Why' })).not.toBeInTheDocument()
})
