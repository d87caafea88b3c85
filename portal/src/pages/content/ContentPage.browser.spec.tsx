import { forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { ContentPage } from './ContentPage'
import { contentSearch } from './search'

const check = (id: string, title: string, more: object = {}) => ({
  id,
  title,
  severity: 'high',
  status: 'stable',
  control: 'restrict',
  kinds: ['aws.s3-bucket'],
  standards: [],
  techniques: [],
  own: false,
  cases: 3,
  ...more,
})
const checks = [
  check('aws.s3.open', 'Bucket is open', { severity: 'critical' }),
  check('aws.s3.log', 'Bucket has no log', { severity: 'low' }),
  check('own.labels', 'Labels are open', { own: true, cases: 0 }),
]

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/controls', [
    {
      id: 'restrict',
      title: 'Restrict access',
      points: 4,
      checks: ['aws.s3.open'],
      description: 'Who gets in.',
    },
  ])
  serve('/api/v1/standards', [])
  serve('/api/v1/content/checks', checks)
  serve('/api/v1/content/kinds', [
    {
      id: 'aws.s3-bucket',
      title: 'S3 bucket',
      cloud: 'aws',
      native: 'AWS::S3::Bucket',
      labels: ['Bucket'],
      checks: 2,
    },
    { id: 'aws.odd', title: 'Odd thing', cloud: 'aws', native: 'AWS::Odd', labels: [], checks: 0 },
  ])
})

const show = (search = '') =>
  showPage({ path: '/content', component: ContentPage, search: contentSearch, at: `/content${search}` })
const rows = (name: string) => page.getByRole('grid', { name }).getByRole('row')

test('checks are narrowed here, and each facet counts what the others leave', async () => {
  const address = await show()
  await expect
    .element(
      page.getByText('3 checks judge what is imported, held to what they say by 6 cases.', { exact: false }),
    )
    .toBeVisible()
  await userEvent.click(page.getByRole('link', { name: 'One of them is yours.' }))
  await expect.poll(address).toContain('origin=own')
  await expect.poll(() => rows('Checks').elements().length).toBe(2)
  await expect.element(rows('Checks').nth(1)).toHaveTextContent('Labels are open')
  // What the other choice would bring is still seen.
  await expect.element(page.getByRole('checkbox', { name: /Merlon.*2/ })).toBeInTheDocument()
})

test('the order is that of severity, not of its letters', async () => {
  await show('?sort=severity')
  await expect.element(rows('Checks').nth(1)).toHaveTextContent('Bucket is open')
  await expect.element(rows('Checks').nth(3)).toHaveTextContent('Bucket has no log')
})

test('kinds say how many checks look at them, and lead to those', async () => {
  await show('?tab=kinds')
  const bucket = rows('Kinds of resources').filter({ hasText: 'S3 bucket' })
  await expect
    .element(bucket.getByRole('link', { name: '2' }))
    .toHaveAttribute('href', '/content?kind=aws.s3-bucket')
  const odd = rows('Kinds of resources').filter({ hasText: 'Odd thing' })
  await expect.element(odd.getByRole('link')).not.toBeInTheDocument()
})

test('words find nothing: that is said with a way on', async () => {
  await show('?q=nothing-has-this')
  await expect.element(page.getByRole('heading', { name: 'No check fits' })).toBeVisible()
  await expect
    .element(page.getByRole('link', { name: 'Write one' }))
    .toHaveAttribute('href', '/content/write')
})

test('content that cannot be had is tried again', async () => {
  serve('/api/v1/content/checks', { detail: 'it is starting', code: 'unavailable' }, {}, 503)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('It is starting.')
  serve('/api/v1/content/checks', checks)
  await userEvent.click(page.getByRole('button', { name: 'Try again' }))
  await expect.element(page.getByRole('grid', { name: 'Checks' })).toBeVisible()
})
