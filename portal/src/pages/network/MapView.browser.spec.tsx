import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { NetworkPage } from './NetworkPage'
import { networkSearch } from './search'

const WEB = 'arn:aws:ec2:eu-west-1:1:instance/i-web'
const DB = 'arn:aws:rds:eu-west-1:1:db:ledger'
/** All questions of the map are answered with the same rows: each takes the columns that it knows. */
const table = (columns: string[], ...rows: string[][]) => ({
  columns,
  rows,
  more: false,
  incomplete: false,
  asOf: 7,
})

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [{ id: 'aws:1', name: 'quay' }] })
  serve('/api/v1/resources', {
    items: [{ id: WEB, open: { critical: 1, high: 0, medium: 3, low: 0 } }],
    total: 1,
    facets: [],
    asOf: 7,
  })
  serve('/api/v1/exposure', {
    items: [
      { id: WEB, name: 'web', kind: 'aws.ec2-instance', answer: 'yes', ports: 'tcp/443', width: 'wide' },
    ],
    asOf: 7,
  })
  serve('/api/v1/query', (body: string) => {
    if (body.includes('(n:Network) RETURN')) {
      return table(['id', 'name', 'kind', 'scope'], ['vpc-1', 'harbour', 'aws.ec2-vpc', 'aws:1'])
    }
    if (body.includes('(s:Subnet) RETURN s.')) {
      return table(['id', 'name', 'kind', 'network'], ['subnet-1', 'front', 'aws.ec2-subnet', 'vpc-1'])
    }
    if (body.includes('WHERE NOT x:NetworkInterface RETURN')) {
      return table(
        ['id', 'name', 'kind', 'place'],
        [WEB, 'web', 'aws.ec2-instance', 'subnet-1'],
        [DB, 'ledger', 'aws.rds-db-instance', 'subnet-1'],
      )
    }
    return table(['id', 'name', 'kind', 'place'])
  })
  serve('/api/v1/reach', { answer: 'no', ports: '', packet: null, hops: [], unread: [], asOf: 7 })
})

const show = (search = '') =>
  showPage({
    path: '/network',
    component: NetworkPage,
    search: networkSearch,
    at: `/network?view=map${search}`,
  })

test('accounts hold networks, subnets and end points, each with what is open and what the internet reaches', async () => {
  const address = await show()
  const subnet = page.getByRole('region', { name: 'front, subnet' })
  await expect.element(subnet.getByRole('button', { name: /^web/ })).toBeVisible()
  await expect.element(subnet.getByRole('button', { name: /^web.*reached from the internet/ })).toBeVisible()
  await expect
    .element(
      page
        .getByRole('region', { name: 'quay, account' })
        .getByRole('button', { name: /2 end points/ })
        .first(),
    )
    .toHaveTextContent('1 reached from the internet')
  await userEvent.click(page.getByRole('button', { name: /harbour/ }))
  await expect.poll(address).toContain('flip=vpc-1')
  await expect.element(subnet).not.toBeInTheDocument()
})

test('only what faces the internet is left on request', async () => {
  await show('&facing=true')
  await expect.element(page.getByRole('button', { name: /^web/ })).toBeVisible()
  await expect.element(page.getByRole('button', { name: /^ledger/ })).not.toBeInTheDocument()
})

test('an end point says what may reach it and what it may reach, and each pair why', async () => {
  const yes = {
    answer: 'yes',
    ports: 'tcp/5432',
    packet: 'tcp 10.0.0.4:49152 -> 10.0.0.9:5432',
    hops: [{ resource: 'sg-1', path: 'IpPermissions[0]', rule: 'permits tcp/5432', does: 'permits' }],
    unread: [],
    asOf: 7,
  }
  serve('/api/v1/reach', yes, { from: WEB, to: DB })
  const address = await show()
  await userEvent.click(page.getByRole('button', { name: /^web/ }))
  await expect.poll(address).toContain(`node=${WEB}`)
  await expect.element(page.getByText('Nothing near it, and not the internet.')).toBeVisible()
  const out = page.getByRole('list', { name: 'It may reach' })
  await userEvent.click(out.getByRole('button', { name: /ledger.*tcp\/5432/ }))
  await expect.element(page.getByText('Yes: tcp/5432 may pass.')).toBeVisible()
  await expect.element(page.getByText('permits tcp/5432')).toBeVisible()
  expect(new Set(asked.filter((it) => it.startsWith('/api/v1/reach'))).size).toBe(3)
})

test('without networks it says what would be here', async () => {
  serve('/api/v1/query', table(['id', 'name', 'kind', 'place']))
  serve('/api/v1/exposure', { items: [], asOf: 7 })
  await show()
  await expect.element(page.getByRole('heading', { name: 'No networks yet' })).toBeVisible()
})

test('an end point says what is open on it by severity', async () => {
  await show()
  await expect.element(page.getByRole('button', { name: /^web/ })).toHaveTextContent(/Critical/)
})

test('that the internet cannot be drawn is said, and the networks are drawn all the same', async () => {
  serve('/api/v1/exposure', { title: 'Forbidden', status: 403, detail: 'it takes more' }, {}, 403)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('What the internet reaches is not drawn')
  await expect.element(page.getByRole('region', { name: 'front, subnet' })).toBeVisible()
})

test('what is not known of a pair is told from what is, and what fails is counted', async () => {
  const perhaps = { answer: 'unknown', ports: 'tcp/80', packet: null, hops: [], unread: ['sg-9'], asOf: 7 }
  serve('/api/v1/reach', perhaps, { from: 'internet', to: WEB })
  serve('/api/v1/reach', { detail: 'it takes too long' }, { from: WEB, to: DB }, 503)
  await show(`&node=${WEB}`)
  const into = page.getByRole('list', { name: 'May reach it' })
  await expect.element(into.getByRole('button', { name: /The internet/ })).toHaveTextContent('not known')
  await expect.element(page.getByText('1 pair could not be asked for.')).toBeVisible()
})
