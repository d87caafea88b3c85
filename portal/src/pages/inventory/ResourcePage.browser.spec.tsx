import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { answer } from '../attack-paths/fixture'
import { showPage } from '#/test/page'
import { ResourcePage } from './ResourcePage'
import { resourceSearch } from './resource-search'

const ID = 'arn:aws:s3:::manifests'
const AT = `/api/v1/resources/${encodeURIComponent(ID)}`
const assessment = (check: string, title: string, verdict: string, more: object = {}) => ({
  check,
  title,
  verdict,
  severity: 'high',
  since: 3,
  firstSeen: 3,
  reopened: 0,
  ...more,
})
const resource = {
  id: ID,
  name: 'manifests',
  kind: 'aws.s3-bucket',
  kindTitle: 'S3 bucket',
  cloud: 'aws',
  scope: 'aws:111122223333',
  scopes: ['aws:111122223333'],
  home: '',
  region: 'eu-west-1',
  tags: {},
  state: 'unhealthy',
  open: { critical: 0, high: 1, medium: 0, low: 0 },
  exempt: false,
  collected: true,
  labels: ['Bucket'],
  toReview: [],
  decisions: [],
  document: {
    Name: 'manifests',
    Grants: Array.from({ length: 160 }, (_, n) => ({ Grantee: `grantee-${n}`, Permission: 'READ' })),
  },
  assessments: [
    assessment('aws.s3.open', 'Bucket is open', 'unhealthy'),
    assessment('aws.s3.log', 'Bucket has no log', 'healthy'),
    assessment('aws.s3.key', 'Bucket has no key', 'unhealthy', {
      countsAs: 'healthy',
      exemption: { number: 4 },
    }),
  ],
  neighbours: [
    {
      id: 'arn:aws:iam::111122223333:role/dock',
      name: 'dock',
      kind: 'aws.iam-role',
      edge: 'MAY_READ',
      outgoing: false,
    },
  ],
  moreNeighbours: 0,
  hiddenNeighbours: 2,
  can: [],
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'quay' }] })
  serve('/api/v1/content/kinds', [])
  serve(AT, resource)
  for (const it of resource.assessments) {
    serve(`${AT}/assessments/${it.check}`, {
      ...it,
      evidence: [{ path: 'Grants[41].Permission', value: 'READ' }],
      resource,
    })
  }
})

const show = (search = '') =>
  showPage({
    path: '/inventory/$id',
    component: ResourcePage,
    search: resourceSearch,
    at: `/inventory/${encodeURIComponent(ID)}${search}`,
  })

test('what an exemption takes away is not among the problems', async () => {
  await show()
  await expect.element(page.getByRole('heading', { name: 'Bucket is open' })).toBeVisible()
  await expect.element(page.getByRole('heading', { name: 'Also wrong' })).not.toBeInTheDocument()
  await expect.element(page.getByRole('link', { name: '1 fail, 2 pass, 0 unknown' })).toBeVisible()
  await expect.element(page.getByText('1 resource and 2 that you do not see')).toBeVisible()
})

test('the document is folded but for what a problem rests on, also when that comes later, and words are found in what is folded', async () => {
  let tell: (body: object) => void = () => undefined
  const held = new Promise<object>((resolve) => {
    tell = resolve
  })
  serve(`${AT}/assessments/aws.s3.open`, () => held)
  await show('?tab=document&path=Grants%5B4%5D')
  const tree = page.getByRole('tree', { name: /the document of manifests/ })
  const grant = tree.getByRole('treeitem', { name: /^item 4:/ })
  await expect.element(grant).toHaveAttribute('aria-expanded', 'false')
  tell({ ...resource.assessments[0], evidence: [{ path: 'Grants[4].Permission', value: 'READ' }], resource })
  await expect.element(grant).toHaveAttribute('aria-expanded', 'true')
  await expect.element(tree.getByRole('treeitem', { name: /Permission: .*Bucket is open/ })).toBeVisible()
  await userEvent.fill(page.getByRole('searchbox', { name: /Find in the document/ }), 'grantee-157')
  await expect.element(tree.getByText('"grantee-157"')).toBeVisible()
  await expect.element(page.getByText(/1 of 1/)).toBeVisible()
})

test('the path of a line is copied by a key', async () => {
  const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  await show('?tab=document')
  const tree = page.getByRole('tree', { name: /the document of manifests/ })
  await expect.element(tree.getByRole('treeitem').first()).toBeVisible()
  tree.getByRole('treeitem').first().element().focus()
  await userEvent.keyboard('{ArrowDown}c')
  await expect.poll(() => write.mock.lastCall?.[0]).toBe('Name')
  write.mockRestore()
})

test('a value of the document begins a check of its own', async () => {
  const address = await show('?tab=document&path=Name')
  const line = page.getByRole('treeitem', { name: /Name/ }).first()
  await expect.element(line).toBeVisible()
  await userEvent.hover(line)
  await userEvent.click(line.getByRole('button', { name: /check/i }))
  await expect
    .poll(() => decodeURIComponent(address()))
    .toBe('/content/write?kind=aws.s3-bucket&path=Name&value="manifests"')
})

test('the history says which values changed, and opens the document as it was', async () => {
  serve(`${AT}/versions`, [
    {
      commit: 5,
      at: '2026-11-02T10:00:00Z',
      by: 'cli',
      change: 'changed',
      values: [{ path: 'Versioning.Status', before: 'Enabled', after: 'Suspended' }],
    },
    { commit: 3, at: '2026-11-01T10:00:00Z', by: 'cli', change: 'appeared', values: [] },
  ])
  serve(`${AT}/versions/3`, { Name: 'manifests', Earlier: 'yes' })
  await show('?tab=history')
  await expect.element(page.getByText('Changed in 1 value')).toBeVisible()
  const step = page.getByRole('listitem').filter({ hasText: 'Changed in 1 value' })
  await expect.element(step).toHaveTextContent('Versioning.Status')
  await expect.element(step).toHaveTextContent('Enabled')
  await expect.element(step).toHaveTextContent('Suspended')
  await userEvent.click(
    page.getByRole('listitem').filter({ hasText: 'Appeared' }).getByRole('link', { name: 'Document then' }),
  )
  await expect.element(page.getByText('As it was at commit 3.')).toBeVisible()
  await expect.element(page.getByText('Earlier')).toBeVisible()
})

test('neighbours are drawn and listed, each with the way of its edge', async () => {
  await show('?tab=neighbours')
  await expect.element(page.getByRole('region', { name: 'Neighbours of manifests as a graph' })).toBeVisible()
  const row = page.getByRole('grid', { name: 'Neighbours' }).getByRole('row').nth(1)
  await expect.element(row).toHaveTextContent('MAY_READ → this')
  await expect.element(page.getByText('2 lie in scopes that you do not see.')).toBeVisible()
})

test('attack paths to it and from it are questions of their own', async () => {
  serve('/api/v1/attack-paths', { ...answer, paths: [], unproven: [], complete: true, gaps: [] })
  serve('/api/v1/attack-paths', answer, { to: ID })
  await show('?tab=paths')
  await expect
    .element(page.getByText('No attack path that begins at it was proven. Everything was judged.'))
    .toBeVisible()
  await expect
    .element(page.getByRole('listitem').filter({ hasText: '→' }).first().getByRole('link'))
    .toHaveAttribute('href', expect.stringMatching(/^\/attack-paths\?to=.*path=/))
  expect(asked).toContain(`/api/v1/attack-paths?from=${encodeURIComponent(ID)}`)
})

test('an assessment opens with its proof, and who may not exempt is not offered it', async () => {
  const address = await show('?tab=assessments')
  await userEvent.click(page.getByRole('grid').getByText('Bucket is open'))
  await expect.poll(address).toContain('check=aws.s3.open')
  await expect
    .element(page.getByRole('complementary', { name: /Bucket is open/ }))
    .toHaveTextContent('Grants[41]')
  await expect.element(page.getByRole('button', { name: 'Exempt…' })).not.toBeInTheDocument()
})

test('what is not there says so under its id', async () => {
  serve(AT, { detail: 'no resource has this id', code: 'not-found' }, {}, 404)
  await show()
  await expect
    .element(page.getByRole('heading', { name: 'There is no such thing, or none that you may see' }))
    .toBeVisible()
  await expect.element(page.getByRole('heading', { level: 1 })).toHaveTextContent('arn:aws:s3:::manifests')
})
