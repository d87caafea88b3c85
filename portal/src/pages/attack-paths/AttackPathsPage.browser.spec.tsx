import { asked, forgetAnswers, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { AttackPathsPage } from './AttackPathsPage'
import { admin, answer, fixes, toAdmin, toBucket, withoutMetadata } from './fixture'
import { markOf } from './rows'
import { attackPathsSearch } from './search'

const PATHS = '/api/v1/attack-paths'

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  await page.viewport(1400, 1000)
  serve('/api/v1/changes', { items: [{ sequence: 7, at: '2026-11-20T08:00:00Z' }] })
})

const show = (search = '') =>
  showPage({
    path: '/attack-paths',
    component: AttackPathsPage,
    search: attackPathsSearch,
    at: `/attack-paths${search}`,
  })

test('the sentence says it, the list has the paths, the worst stands open', async () => {
  serve(PATHS, answer)
  await show()
  await expect
    .element(
      page.getByText(/2 attack paths reach an administrator and 1 other target; one fix cuts them all/),
    )
    .toBeVisible()
  const list = page.getByRole('grid', { name: 'Attack paths' })
  await expect.element(list.getByText('The internet → larkspur-prod')).toBeVisible()
  await expect.element(list.getByText('The internet → larkspur-manifests')).toBeVisible()
  const prose = page.getByRole('list', { name: 'The path, step by step' })
  await expect.element(prose.getByText(/attaches AdministratorAccess to dock/)).toBeVisible()
  const edge = page.getByRole('button', {
    name: /Step 2: Read credentials.*T1552.005.*several paths pass here/,
  })
  await expect.element(edge).toBeVisible()
  await expect.element(page.getByText('What could not be judged (1 thing)')).toBeVisible()
})

test('a step opens why it is possible, with a link to the place that proves it', async () => {
  serve(PATHS, answer)
  const address = await show()
  await userEvent.click(page.getByRole('button', { name: /Why step 2 is possible/ }))
  const panel = page.getByRole('complementary', { name: /Read credentials/ })
  await expect.element(panel.getByText('dock-planner runs as dock')).toBeVisible()
  await expect.element(panel.getByText('Not known')).toBeVisible()
  const place = panel.getByRole('link', { name: /i-0a1 · MetadataOptions.HttpTokens/ }).first()
  await expect
    .element(place)
    .toHaveAttribute('href', expect.stringContaining('path=MetadataOptions.HttpTokens'))
  expect(address()).toContain('step=2')
  await userEvent.keyboard('{Escape}')
  await expect.poll(address).not.toContain('step=')
})

test('a fix that is tried out cuts the paths that rest on it, and shows what leads around', async () => {
  serve(PATHS, answer)
  serve(PATHS, withoutMetadata, { without: '5' })
  const address = await show()
  const plan = page.getByRole('complementary', { name: 'What if these were made?' })
  await userEvent.click(plan.getByRole('switch', { name: /ask for tokens of the metadata service/ }))
  await expect
    .element(page.getByText(/With this fix made 2 of 2 attack paths fall apart, but 1 other way leads/))
    .toBeVisible()
  expect(address()).toContain('without=5')
  const list = page.getByRole('grid', { name: 'Attack paths' })
  await expect.poll(() => list.getByText('Cut', { exact: true }).elements().length).toBe(2)
  await expect.element(list.getByText('Another way')).toBeVisible()
  await expect.element(page.getByRole('button', { name: /Step 3.*, cut\./ })).toBeVisible()
  await userEvent.click(plan.getByRole('button', { name: 'Undo all' }))
  await expect.poll(address).not.toContain('without')
})

test('the question stands in the address and goes to the server', async () => {
  serve(PATHS, answer)
  const address = await show()
  await userEvent.click(page.getByRole('combobox', { name: 'The attacker begins at' }))
  await userEvent.click(page.getByRole('option', { name: 'Any user (assume breach)' }))
  await expect.poll(address).toContain('from=any-user')
  await expect.poll(() => asked).toContain(`${PATHS}?from=any-user`)
})

test('paths that are not proven are listed on request', async () => {
  serve(PATHS, answer)
  await show()
  await userEvent.click(page.getByRole('switch', { name: /1 path that could not be proven/ }))
  await expect.element(page.getByRole('grid').getByText('Not proven')).toBeVisible()
})

const none = { ...answer, paths: [], unproven: [], chokePoints: [] }

test.each([
  ['that nothing leads there', { ...none, complete: true, gaps: [] }, 'No path leads there'],
  ['that no path was found, which proves nothing', none, 'No path was found'],
])('says %s', async (_, body, words) => {
  serve(PATHS, body)
  await show()
  await expect.element(page.getByRole('heading', { name: words })).toBeVisible()
})

test('who may not see paths is told so', async () => {
  serve(PATHS, { detail: 'it takes a role on the whole tenant', code: 'forbidden' }, {}, 403)
  await show()
  await expect.element(page.getByRole('alert')).toHaveTextContent('Your roles do not include this')
})

test('the plan begins with the fix that lies on most paths, and says what the others are for', async () => {
  const plan = {
    fixes: [fixes.trust, fixes.attach, fixes.contact, fixes.read],
    atLeast: 3,
    exact: false,
    left: [],
  }
  serve(PATHS, { ...answer, fixPlan: plan })
  const address = await show()
  const tile = page.getByRole('complementary', { name: 'What if these were made?' })
  await expect.element(tile).toHaveTextContent('4 fixes cut every path; at least 3 are needed.')
  const items = tile.getByRole('listitem')
  await expect.element(items.first()).toHaveTextContent(/close the way of packets.*on 2 paths/i)
  expect(items.elements()).toHaveLength(3)
  await userEvent.click(tile.getByRole('button', { name: 'Show all 4 fixes' }))
  await expect.element(items.nth(3)).toHaveTextContent('closes ways around the others')
  await expect.element(page.getByText(/4 fixes cut them all; one of them lies on all 2\./)).toBeVisible()
  await userEvent.click(tile.getByRole('button', { name: 'Try them all' }))
  await expect.poll(() => address().match(/without=/g)?.length).toBe(4)
})

test('the link opens its path, and a path that is chosen stands in the address', async () => {
  serve(PATHS, answer)
  const address = await show(`?path=${markOf(toBucket)}`)
  const prose = page.getByRole('list', { name: 'The path, step by step' })
  await expect.element(prose).toHaveTextContent('reads the objects of larkspur-manifests')
  await userEvent.click(page.getByRole('grid').getByText('larkspur-prod'))
  await expect.element(prose).toHaveTextContent('attaches AdministratorAccess to dock')
  expect(address()).not.toContain(markOf(toBucket))
})

test('where most paths pass is named with what lies behind', async () => {
  serve(PATHS, { ...answer, chokePoints: [{ ...answer.chokePoints[0], passing: 2, cuts: 1 }] })
  await show()
  const points = page.getByRole('list', { name: 'Choke points' })
  await expect.element(points).toHaveTextContent('dockis controlled: 2 paths pass, 1 target behind it alone')
})

test('what is tried out is asked of the same question, which forgets it when it changes', async () => {
  serve(PATHS, answer)
  const address = await show('?from=any-user&to=larkspur-prod&without=5')
  await expect.poll(() => asked).toContain(`${PATHS}?from=any-user&to=larkspur-prod&without=5`)
  await userEvent.click(page.getByRole('combobox', { name: 'The attacker begins at' }))
  await userEvent.click(page.getByRole('option', { name: 'The internet and what has leaked' }))
  await expect.poll(address).not.toContain('from=')
  expect(address()).not.toContain('without')
  expect(address()).toContain('to=larkspur-prod')
})

test('a path says what is held of its target, how critical that is, and from where else it is reached', async () => {
  const target = { ...admin, criticality: 'veryHigh' as const }
  serve(PATHS, { ...answer, paths: [{ ...toAdmin, target, entries: 3 }] })
  await show()
  const row = page.getByRole('grid', { name: 'Attack paths' }).getByRole('row').nth(1)
  await expect.element(row).toHaveTextContent('is administered')
  await expect.element(row.getByText('Very high criticality')).toBeInTheDocument()
  await expect.element(page.getByText('and from 2 more entry points like it')).toBeVisible()
})
