import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { NetworkPage } from './NetworkPage'
import { networkSearch } from './search'

const HOST = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1'
const items = [
  { id: 'lb', name: 'quay-front', kind: 'aws.elb', answer: 'unknown', ports: 'TCP 443', width: null },
  { id: 'db', name: 'ledger', kind: 'aws.rds-instance', answer: 'yes', ports: 'TCP 5432', width: 'narrow' },
  { id: HOST, name: 'dock-planner', kind: 'aws.ec2-instance', answer: 'yes', ports: 'TCP 22', width: 'wide' },
]
const passage = {
  answer: 'yes',
  ports: 'TCP 22',
  packet: 'TCP 203.0.113.7:40000 -> 10.0.1.4:22',
  hops: [
    { resource: 'igw-1', path: 'Routes[1]', rule: '0.0.0.0/0 -> igw-1', does: 'routes' },
    { resource: 'sg-1', path: 'IpPermissions[0]', rule: 'TCP 22 from 0.0.0.0/0', does: 'permits' },
  ],
  unread: [],
  asOf: 7,
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/content/kinds', [{ id: 'aws.ec2-instance', title: 'EC2 instance', labels: [] }])
})

const show = (search = '') =>
  showPage({ path: '/network', component: NetworkPage, search: networkSearch, at: `/network${search}` })

test('what is reached is listed, and Why asks for the proof', async () => {
  serve('/api/v1/exposure', { items, asOf: 7 })
  serve('/api/v1/reach', passage)
  const address = await show()
  await expect
    .element(
      page.getByText(
        '2 end points are reached from the internet, 1 of them from anywhere. Of 1 more it is not known.',
      ),
    )
    .toBeVisible()
  const rows = page.getByRole('grid').getByRole('row')
  await expect.element(rows.nth(1)).toHaveTextContent('dock-plannerTCP 22Anywhere EC2 instance')
  await expect
    .element(rows.nth(1).getByRole('link'))
    .toHaveAttribute('href', `/inventory/${encodeURIComponent(HOST)}`)
  await expect.element(rows.nth(2)).toHaveTextContent('ledger')
  await expect.element(rows.nth(3)).toHaveTextContent('Not known')
  await userEvent.click(rows.nth(1).getByText('TCP 22'))
  await expect.poll(address).toContain('from=internet')
  await expect.element(page.getByText('Yes: TCP 22 may pass.')).toBeVisible()
  const hops = page.getByRole('list', { name: 'Rules that it passes' }).getByRole('listitem')
  await expect.element(hops.nth(1)).toHaveTextContent('TCP 22 from 0.0.0.0/0')
  await expect
    .element(hops.nth(1).getByRole('link'))
    .toHaveAttribute('href', expect.stringContaining('/inventory/sg-1'))
})

test('what is not known is not called closed', async () => {
  serve('/api/v1/exposure', { items: [], asOf: 7 })
  serve('/api/v1/reach', {
    ...passage,
    answer: 'unknown',
    ports: '',
    packet: null,
    hops: [],
    unread: ['route table rtb-9'],
  })
  await show('?from=internet&to=lb')
  await expect.element(page.getByText('Not known: something that decides it was not read.')).toBeVisible()
  await expect.element(page.getByText('route table rtb-9')).toBeVisible()
  await expect
    .element(page.getByRole('heading', { name: 'Nothing is reached from the internet' }))
    .toBeVisible()
})

test('who may not see it is told so', async () => {
  serve('/api/v1/exposure', { detail: 'it takes a role on the whole tenant', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})

test('words find end points by their port', async () => {
  serve('/api/v1/exposure', { items, asOf: 7 })
  await show('?q=5432')
  const rows = page.getByRole('grid').getByRole('row')
  await expect.element(rows.nth(1)).toHaveTextContent('ledger')
  expect(rows.elements()).toHaveLength(2)
})

test('each port has a proof of its own', async () => {
  serve('/api/v1/exposure', { items, asOf: 7 })
  serve('/api/v1/reach', { ...passage, ports: 'tcp/22,3389' })
  serve(
    '/api/v1/reach',
    { ...passage, ports: 'tcp/3389', hops: [{ ...passage.hops[1], rule: 'TCP 3389 from 198.51.100.0/24' }] },
    { port: '3389' },
  )
  serve('/api/v1/reach', { ...passage, answer: 'no', ports: '', packet: null, hops: [] }, { port: '81' })
  const address = await show(`?from=internet&to=${HOST}`)
  await expect.element(page.getByRole('combobox', { name: 'From' })).toHaveValue('The internet')
  await userEvent.click(page.getByRole('button', { name: '3389', exact: true }))
  await expect.poll(address).toContain('port=3389')
  await expect.element(page.getByText('Yes: tcp/3389 may pass.')).toBeVisible()
  await expect.element(page.getByText('TCP 3389 from 198.51.100.0/24')).toBeVisible()
  await expect
    .element(page.getByRole('button', { name: '3389', exact: true }))
    .toHaveAttribute('aria-pressed', 'true')
  await userEvent.fill(page.getByRole('textbox', { name: 'At port' }), '81')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByText('No: nothing may pass at port 81.')).toBeVisible()
  // A store that its policy opens has no packets to speak of: that is not called closed.
  await expect
    .element(page.getByRole('link', { name: 'who has access' }))
    .toHaveAttribute('href', expect.stringContaining('/identities?what='))
  // Another pair is asked about at any port.
  await userEvent.click(page.getByRole('grid').getByText('TCP 5432'))
  await expect.poll(address).toContain('to=db')
  expect(address()).not.toContain('port=')
})

test('the internet is chosen like a resource', async () => {
  serve('/api/v1/exposure', { items, asOf: 7 })
  const address = await show()
  await userEvent.click(page.getByRole('combobox', { name: 'From' }))
  await userEvent.keyboard('inter')
  await userEvent.click(page.getByRole('option', { name: /The internet/ }))
  await expect.poll(address).toContain('from=internet')
  expect(asked.filter((it) => it.startsWith('/api/v1/reach'))).toEqual([])
})

test('a proof that cannot be had is said', async () => {
  serve('/api/v1/exposure', { items, asOf: 7 })
  serve('/api/v1/reach', { title: 'Unprocessable', status: 422, detail: 'nothing is called pier' }, {}, 422)
  await show('?from=internet&to=pier')
  await expect.element(page.getByText('nothing is called pier')).toBeVisible()
})
