import { asked, forgetAnswers, serve } from '#/test/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { queryClient } from '#/query-client'
import { showPage } from '#/test/page'
import { notify } from '#/ui/notify'
import { Frame } from './Frame'
import { closeOverlay } from './overlays'

const counts = { healthy: 1, unhealthy: 4, unknown: 0, notApplicable: 0 }
const found = (n: number, title: string) => ({
  items: Array.from({ length: Math.min(n, 6) }, (_, at) => ({
    id: `aws.${title}-${at}`,
    title: `${title} ${at}`,
    name: `${title} ${at}`,
    kind: 'aws.s3-bucket',
    severity: 'high',
    counted: counts,
  })),
  total: n,
  facets: [],
  asOf: 7,
})

/** The stream of changes, with which the test plays the server. */
const streams: EventTarget[] = []
class Stream extends EventTarget {
  constructor() {
    super()
    streams.push(this)
  }
  close() {
    streams.pop()
  }
}

beforeEach(async () => {
  forgetAnswers()
  localStorage.clear()
  vi.stubGlobal('EventSource', Stream)
  await page.viewport(1280, 800)
  serve('/api/v1/changes', { items: [], asOf: 7 })
  serve('/api/v1/me', { can: [], account: { name: 'ada', displayName: 'Ada' } })
  serve('/api/v1/scopes', {
    items: [
      {
        id: 'aws:111122223333',
        name: 'quay',
        kind: 'aws.account',
        cloud: 'aws',
        depth: 0,
        resources: 3,
        can: [],
      },
    ],
    asOf: 7,
  })
  serve('/api/v1/recommendations', found(1, 'check'))
  serve('/api/v1/resources', found(9, 'bucket'))
})
afterEach(() => {
  closeOverlay()
  vi.unstubAllGlobals()
})

const show = (search = '') =>
  showPage({
    path: '/x',
    component: () => (
      <Frame>
        <h1>The page</h1>
        <input aria-label="A field" />
      </Frame>
    ),
    search: (it) => it,
    at: `/x${search}`,
  })
const palette = () => page.getByRole('dialog', { name: 'Search and commands' })
const field = () => palette().getByRole('combobox', { name: 'Search or command' })
const open = async () => {
  await expect.element(page.getByRole('heading', { name: 'The page' })).toBeVisible()
  await userEvent.keyboard('/')
  await expect.element(field()).toHaveFocus()
}

test('letters go to pages, but are letters where somebody writes', async () => {
  const address = await show()
  const own = page.getByRole('textbox', { name: 'A field' })
  await userEvent.click(own)
  await userEvent.keyboard('gi/')
  await expect.element(own).toHaveValue('gi/')
  await expect.element(palette()).not.toBeInTheDocument()
  expect(address()).toBe('/x')
  await userEvent.click(page.getByRole('heading', { name: 'The page' }))
  await userEvent.keyboard('gi')
  await expect.poll(address).toMatch(/^\/inventory/)
})

test('the palette asks as one writes, is walked by arrows, and keeps the scope', async () => {
  const address = await show('?scope=aws:111122223333')
  await open()
  await userEvent.keyboard('buck')
  await expect.element(palette().getByRole('option', { name: /All 9 resources with “buck”/ })).toBeVisible()
  // What was found for the letters before stands until it is answered.
  await expect
    .poll(() => asked.some((it) => it.startsWith('/api/v1/resources?') && it.includes('q=buck')))
    .toBe(true)
  await userEvent.keyboard('{ArrowDown}')
  await expect.element(palette().getByRole('option', { selected: true })).toHaveTextContent('bucket 0')
  // Before the first comes the last.
  await userEvent.keyboard('{ArrowUp}{ArrowUp}{Enter}')
  await expect
    .poll(() => decodeURIComponent(address()))
    .toMatch(/^\/inventory\?(?=.*q=buck)(?=.*scope=aws:111122223333)/)
  await expect.element(palette()).not.toBeInTheDocument()
})

test('nothing is said to be missing before the server has answered, or when it cannot', async () => {
  let answer: (body: object) => void = () => undefined
  const held = new Promise<object>((resolve) => {
    answer = resolve
  })
  serve('/api/v1/resources', () => held)
  serve('/api/v1/recommendations', found(0, 'check'))
  await show()
  await open()
  await userEvent.keyboard('zzz')
  await expect.element(palette().getByText('Searching…')).toBeVisible()
  answer(found(0, 'bucket'))
  await expect.element(palette().getByText('Nothing has these words.')).toBeVisible()
  serve('/api/v1/resources', { detail: 'the database is away', code: 'unavailable' }, { q: 'zzzz' }, 503)
  await userEvent.keyboard('z')
  await expect.element(palette().getByText('It could not be searched. The database is away.')).toBeVisible()
  await userEvent.keyboard('{Escape}')
  await expect.element(palette()).not.toBeInTheDocument()
})

test('help names the keys that work here', async () => {
  await show()
  await expect.element(page.getByRole('heading', { name: 'The page' })).toBeVisible()
  await userEvent.keyboard('?')
  await expect.element(page.getByRole('dialog').getByText('Go to Inventory')).toBeVisible()
  await userEvent.keyboard('{Escape}')
  await expect.element(page.getByRole('dialog')).not.toBeInTheDocument()
})

test('a scope is chosen, stands in the address, and is remembered', async () => {
  const address = await show()
  await userEvent.click(page.getByRole('button', { name: 'Scope: Everything' }))
  await userEvent.click(page.getByRole('option', { name: /quay/ }))
  await expect.poll(() => decodeURIComponent(address())).toContain('scope=aws:111122223333')
  expect(localStorage.getItem('merlon.scope')).toBe('aws:111122223333')
})

test('changes are counted and wait; nothing on the page moves before somebody asks', async () => {
  const again = vi.spyOn(queryClient, 'invalidateQueries')
  await show()
  await expect.poll(() => streams).toHaveLength(1)
  const told = (sequence: number) =>
    streams[0]?.dispatchEvent(new MessageEvent('change', { lastEventId: String(sequence) }))
  told(8)
  told(9)
  const notice = page.getByRole('button', { name: /2 changes/ })
  await expect.element(notice).toBeVisible()
  expect(again).not.toHaveBeenCalled()
  await userEvent.click(notice)
  expect(again).toHaveBeenCalledTimes(1)
  await expect.element(notice).not.toBeInTheDocument()
  again.mockRestore()
})

test('what was done is said, and can be undone from there', async () => {
  const undo = vi.fn<() => void>()
  await show()
  await expect.element(page.getByRole('heading', { name: 'The page' })).toBeVisible()
  notify({ intent: 'success', title: 'Removed it', action: { label: 'Undo', do: undo } })
  await userEvent.click(page.getByRole('button', { name: 'Undo' }))
  expect(undo).toHaveBeenCalledTimes(1)
})

test('in a narrow window the rail lies over the page, and Escape puts it away', async () => {
  await page.viewport(390, 800)
  await show()
  const rail = page.getByRole('navigation', { name: 'Pages' })
  await expect.element(page.getByRole('heading', { name: 'The page' })).toBeVisible()
  await expect.element(rail).not.toBeInTheDocument()
  await userEvent.click(page.getByRole('button', { name: 'Open the rail' }))
  await expect.element(rail.getByRole('link', { name: 'Inventory' })).toBeVisible()
  await userEvent.keyboard('{Escape}')
  await expect.element(rail).not.toBeInTheDocument()
})

test('Enter before the answer is there runs the first hit of what was typed, never of what was typed before', async () => {
  let answer: (body: object) => void = () => undefined
  const held = new Promise<object>((resolve) => {
    answer = resolve
  })
  serve('/api/v1/recommendations', found(0, 'check'))
  serve('/api/v1/resources', found(2, 'old'), { q: 'zz' })
  serve('/api/v1/resources', () => held, { q: 'zzz' })
  const address = await show()
  await open()
  await userEvent.keyboard('zz')
  await expect.element(palette().getByRole('option', { name: /old 0/ })).toBeVisible()
  await userEvent.keyboard('z{Enter}')
  await expect.poll(() => asked.some((it) => it.includes('q=zzz'))).toBe(true)
  expect(address()).toBe('/x')
  answer(found(2, 'new'))
  await expect.poll(() => decodeURIComponent(address())).toMatch(/^\/inventory\/aws.new-0/)
})

test('a page is chosen at once, whatever the server has yet to say', async () => {
  serve('/api/v1/resources', () => new Promise<object>(() => undefined))
  const address = await show()
  await open()
  await userEvent.keyboard('netw{Enter}')
  await expect.poll(address).toMatch(/^\/network/)
})
