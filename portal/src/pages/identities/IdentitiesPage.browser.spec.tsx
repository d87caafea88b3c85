import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { IdentitiesPage } from './IdentitiesPage'
import { identitiesSearch } from './search'

const ACCESS = '/api/v1/access'
const BUCKET = 'arn:aws:s3:::larkspur-manifests'
const decision = (who: string, answer: string) => ({
  who,
  action: 's3:GetObject',
  on: BUCKET,
  answer,
  reasons:
    answer === 'allowed'
      ? [{ effect: 'allows', resource: who, path: 'Statement[0]', says: 'it allows s3:* on everything' }]
      : [],
  unread: answer === 'unknown' ? [{ what: 'policy dock-data', why: 'it was not collected' }] : [],
})
const dock = 'arn:aws:iam::111122223333:role/dock'
const quay = 'arn:aws:iam::111122223333:user/quay'

const QUERY = '/api/v1/query'
const administrators = (rows: unknown[][], more = false) => ({
  columns: ['id', 'name', 'kind', 'scope'],
  rows,
  more,
  incomplete: false,
  asOf: 7,
})

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'larkspur-prod' }] })
  serve('/api/v1/content/kinds', [{ id: 'aws.iam-role', title: 'IAM role', labels: [] }])
  serve(QUERY, administrators([[dock, 'dock', 'aws.iam-role', 'aws:111122223333']]))
})

const show = (search = '') =>
  showPage({
    path: '/identities',
    component: IdentitiesPage,
    search: identitiesSearch,
    at: `/identities${search}`,
  })

test('everybody who may is listed, with the reasons', async () => {
  serve(ACCESS, { asOf: 7, decisions: [decision(quay, 'unknown'), decision(dock, 'allowed')] })
  await show(`?what=${BUCKET}&action=s3:GetObject`)
  await expect
    .element(
      page.getByText('1 identity may do s3:GetObject on larkspur-manifests; of 1 more it is not known.'),
    )
    .toBeVisible()
  const rows = page.getByRole('listitem')
  await expect.element(rows.first()).toHaveTextContent('dock')
  await userEvent.click(rows.first().getByText('1 reason'))
  await expect.element(page.getByText('it allows s3:* on everything')).toBeVisible()
  const other = page.getByRole('listitem').filter({ hasText: 'Not known' })
  await expect
    .element(rows.first().getByRole('link', { name: 'Paths from here' }))
    .toHaveAttribute('href', `/attack-paths?from=${dock}`)
  await userEvent.click(other.getByText('quay', { exact: true }))
  await expect.element(other.getByText('policy dock-data')).toBeVisible()
  await expect
    .element(page.getByRole('link', { name: 'dock · Statement[0]' }))
    .toHaveAttribute('href', expect.stringContaining('tab=document'))
})

test('one identity gets an answer in a sentence', async () => {
  serve(ACCESS, { asOf: 7, decisions: [decision(quay, 'denied')] })
  await show(`?who=${quay}&what=${BUCKET}&action=s3:GetObject`)
  await expect
    .element(page.getByText('No: quay may not do s3:GetObject on larkspur-manifests.'))
    .toBeVisible()
  await expect.element(page.getByText('Nothing that was read allows it.')).toBeVisible()
  const [question = ''] = asked.filter((it) => it.startsWith(ACCESS))
  expect(decodeURIComponent(question)).toContain(`who=${quay}`)
})

test('nothing is asked before there is a resource and an action', async () => {
  const address = await show(`?what=${BUCKET}`)
  await expect.element(page.getByRole('heading', { name: 'Who may do everything' })).toBeVisible()
  expect(asked.filter((it) => it.startsWith(ACCESS))).toEqual([])
  serve(ACCESS, { asOf: 7, decisions: [] })
  await userEvent.fill(page.getByRole('combobox', { name: 'Action' }), 's3:PutObject')
  await userEvent.click(page.getByRole('button', { name: 'Ask' }))
  await expect.poll(address).toContain('action=s3:PutObject')
  await expect.element(page.getByRole('heading', { name: 'Nobody may do this' })).toBeVisible()
})

test('before anything is asked, who may do everything is listed with the ways from and to it', async () => {
  await show()
  const row = page.getByRole('list', { name: 'Administrators' }).getByRole('listitem')
  await expect.element(row.getByRole('link', { name: 'dock' })).toBeVisible()
  await expect.element(row).toHaveTextContent('IAM role')
  await expect.element(row).toHaveTextContent('larkspur-prod')
  const href = (name: string) => row.getByRole('link', { name }).element().getAttribute('href') ?? ''
  expect(decodeURIComponent(href('Paths from here'))).toContain(`from=${dock}`)
  expect(decodeURIComponent(href('Paths to it'))).toContain(`to=${dock}`)
})

test('that there is no administrator is said', async () => {
  serve(QUERY, administrators([]))
  await show()
  await expect.element(page.getByRole('heading', { name: 'No administrator is known' })).toBeVisible()
})

test('what may not be seen is said, and the question stays', async () => {
  serve(
    QUERY,
    { type: 'about:blank', title: 'Forbidden', status: 403, detail: 'it takes a role on the whole tenant' },
    {},
    403,
  )
  await show()
  await expect.element(page.getByText('it takes a role on the whole tenant')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Ask' })).toBeEnabled()
})

test('a resource that is chosen by its name is asked about at once, in the words of its cloud', async () => {
  const found = (id: string, name: string) => ({ id, name, kind: 'aws.s3-bucket', scope: 'aws:111122223333' })
  serve('/api/v1/resources', {
    items: [found('arn:aws:ec2:eu-west-1:1:instance/i-1', 'i-1'), found(BUCKET, 'larkspur-manifests')],
    total: 2,
    facets: [],
  })
  serve(`/api/v1/resources/${encodeURIComponent(BUCKET)}`, { id: BUCKET, name: 'larkspur-manifests' })
  serve(ACCESS, { asOf: 7, decisions: [decision(dock, 'allowed')] })
  const address = await show()
  await userEvent.click(page.getByRole('combobox', { name: 'On what' }))
  await userEvent.keyboard('manif')
  // What has the words in its name stands before what has them elsewhere.
  await expect.element(page.getByRole('option').first()).toHaveTextContent('larkspur-manifests')
  await userEvent.keyboard('{Enter}')
  await expect.poll(address).toContain(`what=${BUCKET}&action=s3:GetObject`)
  await expect.element(page.getByText('1 identity may do s3:GetObject on larkspur-manifests.')).toBeVisible()
})

test('what is typed counts when the field is left', async () => {
  serve(ACCESS, { asOf: 7, decisions: [] })
  const address = await show('?action=s3:GetObject')
  await userEvent.fill(page.getByRole('combobox', { name: 'On what' }), 'manifests')
  await userEvent.click(page.getByRole('button', { name: 'Ask' }))
  await expect.poll(address).toContain('what=manifests')
})

test('common questions about a resource are links, and answers where somebody is named', async () => {
  const title = 'read what is in it'
  await show(`?what=${BUCKET}`)
  const list = page.getByRole('list', { name: 'Common questions' })
  const href = () =>
    decodeURIComponent(list.getByRole('link', { name: title }).element().getAttribute('href') ?? '')
  await expect.poll(href).toBe(`/identities?what=${BUCKET}&action=s3:GetObject`)
  expect(asked.filter((it) => it.startsWith(ACCESS))).toEqual([])
})

test('what somebody may do to a resource is answered for each of them', async () => {
  serve(ACCESS, { asOf: 7, decisions: [decision(quay, 'denied')] })
  serve(ACCESS, { asOf: 7, decisions: [decision(quay, 'allowed')] }, { action: 's3:PutObject' })
  await show(`?what=${BUCKET}&who=${quay}`)
  const rows = page.getByRole('list', { name: 'Common questions' }).getByRole('listitem')
  await expect.element(rows.first()).toHaveTextContent('Denied')
  await expect.element(rows.nth(1)).toHaveTextContent('Allowed')
  await expect
    .element(page.getByRole('heading', { name: 'What quay may do to larkspur-manifests' }))
    .toBeVisible()
  const href = rows.nth(1).getByRole('link').element().getAttribute('href') ?? ''
  expect(decodeURIComponent(href)).toContain(`who=${quay}`)
  const questions = asked.filter((it) => it.startsWith(ACCESS)).map((it) => decodeURIComponent(it))
  expect(questions).toHaveLength(5)
  expect(questions.every((it) => it.includes(`who=${quay}`))).toBe(true)
})

test('an answer that fails is said', async () => {
  serve(ACCESS, { title: 'Unprocessable', status: 422, detail: 'nothing is called manifests' }, {}, 422)
  await show('?what=manifests&action=s3:GetObject')
  await expect.element(page.getByText('nothing is called manifests')).toBeVisible()
})

test('that it is not known is not called a no', async () => {
  serve(ACCESS, { asOf: 7, decisions: [decision(quay, 'unknown')] })
  await show(`?who=${quay}&what=${BUCKET}&action=s3:GetObject`)
  await expect.element(page.getByText('Not known: something that decides it was not read.')).toBeVisible()
})

test('long lists say what they leave out', async () => {
  const many = Array.from({ length: 203 }, (_, n) => decision(`${quay}-${n}`, 'allowed'))
  serve(ACCESS, { asOf: 7, decisions: many })
  await show(`?what=${BUCKET}&action=s3:GetObject`)
  await expect.element(page.getByText('3 more are not listed: name one of them above.')).toBeInTheDocument()
})

test('administrators beyond the list, and those that nobody can know of, are told of', async () => {
  const row = [dock, 'dock', 'aws.iam-role', 'aws:111122223333']
  serve(QUERY, { ...administrators([row], true), incomplete: true })
  await show()
  await expect
    .element(page.getByRole('link', { name: 'All of them' }))
    .toHaveAttribute('href', expect.stringContaining('administrator'))
  await expect
    .element(page.getByText('Something that decides this was not read: there may be more.'))
    .toBeVisible()
})
