// Measures lists and filters of a server that already runs, with however many resources it has: from a press to the
// rows that it asks for, drawn; and how long frames take while a list is scrolled.
// `MERLON_URL=http://127.0.0.1:7070 MERLON_NAME=ada MERLON_PASSWORD=... npm run large`: figures, no test.
import { type Page, test } from '@playwright/test'
import { owner } from './server'

const TIMES = 9
/** For so many milliseconds nothing moves where an answer was there already: more than a search waits for further letters. */
const QUIET = 600
/** How often a list is scrolled on by a screen. */
const SCREENS = 120

const url = process.env.MERLON_URL
const name = process.env.MERLON_NAME ?? owner.name
const password = process.env.MERLON_PASSWORD ?? owner.password

const say = (line: string) => process.stdout.write(`${line}\n`)
const figure = (it: number) => it.toFixed(0).padStart(7)

function told(what: string, times: number[]) {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  say(`${what.padEnd(44)}${figure(at(0.5))}${figure(at(0.95))}${figure(at(1))}`)
}

/**
 * How long it takes from the next press or key until the list shows what it asks for: until it was busy and is not any
 * more and that is drawn; or where the browser has the answer already, until nothing moves any more.
 */
async function timed(page: Page, act: () => Promise<unknown>): Promise<number> {
  const taken = page.evaluate(
    (quiet) =>
      new Promise<number>((resolve) => {
        const begin = () => {
          const start = performance.now()
          let changed = start
          const observer = new MutationObserver(() => {
            changed = performance.now()
          })
          observer.observe(document.body, { childList: true, subtree: true, characterData: true })
          const end = (at: number) => {
            observer.disconnect()
            resolve(at - start)
          }
          let wasBusy = false
          const look = () => {
            const list = document.querySelector('[data-list]')
            const isBusy = list === null || list.getAttribute('aria-busy') === 'true'
            if (wasBusy && !isBusy) requestAnimationFrame(() => end(performance.now()))
            else if (!isBusy && performance.now() - changed > quiet) end(changed)
            else requestAnimationFrame(look)
            wasBusy ||= isBusy
          }
          look()
        }
        document.addEventListener('pointerdown', begin, { capture: true, once: true })
        document.addEventListener('input', begin, { capture: true, once: true })
      }),
    QUIET,
  )
  await act()
  return taken
}

test('lists of a large estate', async ({ page }) => {
  test.skip(url === undefined, 'MERLON_URL does not say which server')
  test.setTimeout(600_000)
  await page.goto(`${url}/`)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('navigation').first().waitFor()
  say('milliseconds                                    p50    p95   most')
  await opening(page)
  await narrowing(page)
  await scrolling(page)
})

/** Pages with lists, opened by their addresses. */
async function opening(page: Page) {
  for (const path of ['inventory', 'inventory?severity=critical', 'recommendations']) {
    const times: number[] = []
    for (let run = 0; run < TIMES; run += 1) {
      await page.goto('about:blank')
      const start = performance.now()
      await page.goto(`${url}/${path}`)
      await page.locator('[data-list] [role=row]').nth(1).waitFor()
      times.push(performance.now() - start)
    }
    told(`open /${path}, the whole page`, times)
  }
}

/** Filters, searches and other orders of the inventory. */
async function narrowing(page: Page) {
  await page.goto(`${url}/inventory`)
  await page.locator('[data-list] [role=row]').nth(1).waitFor()
  const filters = page.getByRole('region', { name: 'Filters' })
  const boxes = await filters.getByRole('checkbox').count()
  const [on, off]: [number[], number[]] = [[], []]
  for (let at = 0; at < Math.min(boxes, TIMES); at += 1) {
    const box = filters.getByRole('checkbox').nth(at)
    on.push(await timed(page, () => box.click()))
    off.push(await timed(page, () => filters.getByRole('checkbox', { checked: true }).first().click()))
  }
  told('filter: a value of a facet', on)
  told('filter: let it go again (known already)', off)
  const words: number[] = []
  const field = page.getByRole('searchbox', { name: 'Find resources' })
  for (let run = 0; run < TIMES; run += 1) {
    words.push(await timed(page, () => field.fill(['web', 'db-', 'prod', 'key', 'log'][run % 5] ?? 'vm')))
  }
  told('search: words, with the wait for more letters', words)
  await field.fill('')
  await page.locator('[data-list][aria-busy=false]').waitFor()
  const sorts: number[] = []
  for (let run = 0; run < TIMES; run += 1) {
    const head = page
      .getByRole('columnheader')
      .getByRole('button')
      .nth(run % 2)
    sorts.push(await timed(page, () => head.click()))
  }
  told('order: by another column', sorts)
}

/** Frames while the inventory is scrolled as fast as its rows come. */
async function scrolling(page: Page) {
  await page.goto(`${url}/inventory`)
  await page.locator('[data-list] [role=row]').nth(1).waitFor()
  const frames = await page.evaluate(
    (screens) =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector('[data-list]')
        const found: number[] = []
        let last = performance.now()
        const step = () => {
          const now = performance.now()
          found.push(now - last)
          last = now
          list?.scrollBy(0, list.clientHeight / 4)
          if (found.length < screens * 4) requestAnimationFrame(step)
          else resolve(found.slice(1))
        }
        requestAnimationFrame(step)
      }),
    SCREENS,
  )
  told(`scroll: one frame, of ${frames.length}`, frames)
}
