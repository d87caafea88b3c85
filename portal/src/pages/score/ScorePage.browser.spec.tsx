import { asked, forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { ScorePage } from './ScorePage'
import { scoreSearch } from './search'

const score = { current: 30, max: 60, percent: 50, assessedPercent: 90 }
const control = { control: 'mfa', title: 'Enable MFA', max: 10, current: 5, healthy: 8, unhealthy: 8 }
const recommendation = {
  id: 'aws.iam.no-mfa',
  title: 'User has no MFA',
  severity: 'high',
  state: 'unhealthy',
  gain: 2.5,
  control: 'mfa',
  counted: { healthy: 8, unhealthy: 8, unknown: 0, notApplicable: 0 },
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', {
    items: [
      { id: 'aws:111122223333', name: 'quay', depth: 0, resources: 3, score },
      { id: 'folder', name: 'dock folder', depth: 1, resources: 3, score: { ...score, percent: 70 } },
    ],
  })
  serve('/api/v1/controls', [
    { id: 'mfa', title: 'Enable MFA', points: 10, checks: [], description: 'Second factors.' },
  ])
  serve('/api/v1/recommendations', { items: [recommendation], total: 1, facets: [], asOf: 7 })
  serve('/api/v1/score/trend', [])
  serve('/api/v1/score', {
    score,
    controls: [control],
    scopes: [{ scope: 'aws:111122223333', score: { ...score, percent: 61 }, weight: 3, controls: [] }],
    riskBased: { percent: 40, knownAsOf: null, open: { critical: 1, high: 0, medium: 0, low: 0 } },
    asOf: 7,
  })
  serve('POST /api/v1/score/what-if', {
    changed: 8,
    fixed: [],
    assessments: [],
    scopes: [],
    standings: [],
    before: score,
    after: { ...score, percent: 55 },
    asOf: 7,
  })
})

const show = (search = '') =>
  showPage({ path: '/score', component: ScorePage, search: scoreSearch, at: `/score${search}` })
const basket = () => page.getByRole('complementary', { name: 'What if these were mended?' })

test('a check that is ticked goes into the basket, whose score the server works out; the address keeps it', async () => {
  const address = await show()
  expect(sentTo('POST', '/api/v1/score/what-if')).toEqual([])
  await userEvent.click(page.getByText('Enable MFA', { exact: true }))
  await expect.poll(address).toContain('control=mfa')
  await userEvent.click(page.getByRole('checkbox', { name: /User has no MFA/ }))
  await expect.poll(address).toContain('fix=aws.iam.no-mfa')
  await expect
    .poll(() => sentTo('POST', '/api/v1/score/what-if').at(-1))
    .toEqual({ fixed: [{ what: 'aws.iam.no-mfa' }] })
  await expect
    .element(basket().getByText('8 assessments would count otherwise', { exact: false }))
    .toBeVisible()
  await userEvent.click(basket().getByRole('button', { name: 'Take out User has no MFA' }))
  await expect.poll(address).not.toContain('fix=')
})

test('the score of before stays in the basket until the new one is worked out', async () => {
  await show('?fix=aws.iam.no-mfa')
  await expect.element(basket().getByText('8 assessments would count otherwise.')).toBeVisible()
  let answer: (body: object) => void = () => undefined
  const held = new Promise<object>((resolve) => {
    answer = resolve
  })
  serve('POST /api/v1/score/what-if', () => held)
  serve('/api/v1/recommendations', {
    items: [recommendation, { ...recommendation, id: 'aws.other', title: 'Another' }],
    total: 2,
    facets: [],
    asOf: 7,
  })
  await userEvent.type(basket().getByRole('combobox', { name: 'Add a recommendation' }), 'ano')
  await userEvent.click(page.getByRole('option', { name: /Another/ }))
  await expect.element(basket().getByText('Another')).toBeVisible()
  await expect.element(basket().getByText('8 assessments would count otherwise.')).toBeVisible()
  answer({
    changed: 9,
    fixed: [],
    assessments: [],
    scopes: [],
    standings: [],
    before: score,
    after: score,
    asOf: 7,
  })
  await expect.element(basket().getByText('9 assessments would count otherwise.')).toBeVisible()
})

test('a control in the basket leads to the control, which is no recommendation', async () => {
  await show('?fix=mfa')
  await expect
    .element(basket().getByRole('link', { name: 'All of “Enable MFA”' }))
    .toHaveAttribute('href', expect.stringMatching(/^\/score\?(?=.*control=mfa)(?=.*fix=mfa)/))
})

test('of a scope its own score is said; where it has no controls, that is explained', async () => {
  await show('?scope=aws:111122223333')
  await expect.element(page.getByText('The score of quay is 61 %', { exact: false })).toBeVisible()
  await expect.poll(() => asked.some((it) => it.startsWith('/api/v1/score/trend?scope='))).toBe(true)
})

test('what lies above accounts has a score and no controls', async () => {
  await show('?scope=folder')
  await expect.element(page.getByText('The score of dock folder is 70 %', { exact: false })).toBeVisible()
  await expect
    .element(page.getByRole('heading', { name: /Controls are counted per subscription/ }))
    .toBeVisible()
})

test('the score by risk says while it is still worked out', async () => {
  await show()
  await expect
    .element(page.getByText('Exposure and attack paths are still worked out.', { exact: false }))
    .toBeVisible()
})

test('before anything was judged there is no score, and no number in its place', async () => {
  serve('/api/v1/score', { score: null, controls: [], scopes: [], riskBased: {}, asOf: 7 })
  await show()
  await expect
    .element(page.getByText('There is no score yet: no check that counts has judged anything.'))
    .toBeVisible()
  await expect.element(page.getByText(/NaN|undefined/)).not.toBeInTheDocument()
})

test('who may not see it is told', async () => {
  serve('/api/v1/score', { detail: 'no', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})
