import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { answer, host, role } from '../attack-paths/fixture'
import { showPage } from '#/test/page'
import { detailSearch } from './detail-search'
import { RecommendationPage } from './RecommendationPage'

const CHECK = 'aws.ec2.instance-open'
const counts = { healthy: 1, unhealthy: 2, unknown: 0, notApplicable: 0 }
const none = { critical: 0, high: 1, medium: 0, low: 0 }
const resource = (id: string, name: string) => ({
  id,
  name,
  kind: 'aws.ec2-instance',
  kindTitle: 'EC2 instance',
  cloud: 'aws',
  scope: 'aws:111122223333',
  scopes: [],
  home: '',
  region: 'eu-west-1',
  tags: { env: 'prod' },
  state: 'unhealthy',
  open: none,
  exempt: false,
  criticality: 'high',
  criticalBy: ['own.docks'],
})
const OTHER = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0b2'

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/scopes', { items: [{ id: 'aws:111122223333', name: 'quay' }] })
  serve('/api/v1/content/kinds', [])
  serve('/api/v1/classifications', { items: [{ id: 'own.docks', title: 'Dock machines' }], asOf: 7 })
  serve(`/api/v1/recommendations/${CHECK}`, {
    id: CHECK,
    title: 'A machine is open',
    counted: counts,
    judged: counts,
    can: [],
  })
  serve('/api/v1/assessments', {
    items: [
      { check: CHECK, resource: resource(host.id, host.name) },
      { check: CHECK, resource: resource(OTHER, 'crane') },
    ],
    total: 2,
    facets: [],
    asOf: 7,
  })
  for (const [id, name] of [
    [host.id, host.name],
    [OTHER, 'crane'],
  ] as const) {
    serve(`/api/v1/resources/${encodeURIComponent(id)}`, {
      ...resource(id, name),
      neighbours: [{ id: role.id, name: role.name, kind: role.kind, edge: 'RUNS_AS', outgoing: true }],
      moreNeighbours: 0,
      hiddenNeighbours: 0,
      assessments: [],
      can: [],
    })
  }
  serve(`/api/v1/resources/${encodeURIComponent(host.id)}/assessments/${CHECK}`, {
    check: CHECK,
    severity: 'medium',
    verdict: 'unhealthy',
    risk: { level: 'critical', factors: ['attackPath', 'criticalResource'], exploitability: 3, impact: 2 },
  })
  serve('/api/v1/attack-paths', { ...answer, paths: [], unproven: [] })
  serve('/api/v1/attack-paths', answer, { to: host.id })
  serve('/api/v1/exposure', {
    items: [{ id: host.id, name: host.name, kind: host.kind, answer: 'yes', ports: 'tcp/22', width: 'wide' }],
    asOf: 7,
  })
  serve('/api/v1/access', {
    decisions: [
      { who: role.id, action: 'ssm:StartSession', on: host.id, answer: 'allowed', reasons: [], unread: [] },
      { who: '*', action: 'ssm:StartSession', on: host.id, answer: 'denied', reasons: [], unread: [] },
    ],
    asOf: 7,
  })
})

const show = (search: string) =>
  showPage({
    path: '/recommendations/$check',
    component: RecommendationPage,
    search: detailSearch,
    at: `/recommendations/${CHECK}${search}`,
  })

test('the graph has the neighbours and the attack paths of the resource that is chosen, asked for it alone', async () => {
  const address = await show('?tab=graph')
  const graph = page.getByRole('region', { name: /neighbours and attack paths as a graph/ })
  await expect.element(graph.getByRole('link', { name: /dock-planner/ }).first()).toBeVisible()
  await expect.element(graph.getByText('The internet')).toBeVisible()
  const list = page.getByRole('listitem').filter({ hasText: '→ larkspur-prod' })
  await expect
    .element(list.getByRole('link').first())
    .toHaveAttribute('href', expect.stringMatching(/^\/attack-paths\?to=.*path=/))
  await userEvent.selectOptions(page.getByRole('combobox', { name: 'Affected resource' }), OTHER)
  await expect.poll(address).toContain('resource=arn:aws:ec2:eu-west-1:111122223333:instance/i-0b2')
  await expect.element(page.getByText('No attack path to it was proven.', { exact: false })).toBeVisible()
  expect(asked).toContain(`/api/v1/attack-paths?from=${encodeURIComponent(OTHER)}`)
})

test('insights say how exposed it is, what it is worth, and who has access', async () => {
  await show('?tab=insights')
  await expect
    .element(
      page.getByText(
        'Critical risk, above its severity, which is medium: it lies on an attack path and is a critical asset.',
      ),
    )
    .toBeVisible()
  await expect
    .element(page.getByText('Packets from the internet reach it at tcp/22, from anywhere.'))
    .toBeVisible()
  await expect
    .element(page.getByRole('link', { name: /Dock machines/ }))
    .toHaveAttribute('href', expect.stringContaining('open=own.docks'))
  await expect.element(page.getByText(/1 identity may do/)).toBeVisible()
  // Another action is another question.
  await userEvent.selectOptions(page.getByRole('combobox', { name: 'Action' }), 'ssm:StartSession')
  await expect.poll(() => asked.some((it) => it.includes('action=ssm'))).toBe(true)
})

test('a question that the caller may not ask takes nothing else away', async () => {
  serve('/api/v1/attack-paths', { detail: 'it takes a role on the whole tenant', code: 'forbidden' }, {}, 403)
  await show('?tab=insights')
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
  await expect.element(page.getByText(/Packets from the internet reach it/)).toBeVisible()
})
