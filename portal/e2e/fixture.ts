// What every test of the portal begins with: `import { test, expect } from '../fixture'`.
//
// `page`     signed in as the owner, on a server that all tests share: for tests that change nothing.
// `own`      a test that changes something takes `own` instead: its own server, and a page that is signed in there.
// `checkA11y`, `checkLook`: axe without serious findings, and the look compared in both themes and at two widths.
import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { owner, prepared, type Server, type ServerKind, startServer } from './server'

export type { Server }
export { expect, owner }

interface Own {
  page: Page
  server: Server
  /** The secret of the owner's session. */
  session: string
}

/** Lets a browser be signed in. */
async function giveSession(context: BrowserContext, address: string, session: string) {
  const url = new URL(address)
  await context.addCookies([
    {
      name: '__Host-merlon',
      value: session,
      domain: url.hostname,
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
    },
  ])
}

/** Whatever the browser complains of fails the test: scripts, styles and requests that the policy forbids, too. */
function listenForTrouble(page: Page): string[] {
  const trouble: string[] = []
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    // Answers that are no success are said by the page itself; the browser repeats them.
    if (message.text().startsWith('Failed to load resource')) return
    trouble.push(message.text())
  })
  return trouble
}

interface Wishes {
  /** How the server of `own` is set up. */
  kind: ServerKind
}

export const test = base.extend<Wishes & { own: Own }>({
  kind: ['tried', { option: true }],

  baseURL: async ({}, use) => use(prepared().shared),

  page: async ({ context, page, baseURL }, use) => {
    await giveSession(context, baseURL ?? '', prepared().session)
    const trouble = listenForTrouble(page)
    await use(page)
    expect(trouble, 'what the browser complained of').toEqual([])
  },

  own: async ({ browser, kind }, use, info) => {
    const server = await startServer('owned', kind)
    const { session } = prepared()
    const { viewport, colorScheme } = info.project.use
    const context = await browser.newContext({
      baseURL: server.url,
      ...(viewport === undefined ? {} : { viewport }),
      ...(colorScheme === undefined ? {} : { colorScheme }),
      reducedMotion: 'reduce',
      acceptDownloads: true,
    })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await giveSession(context, server.url, session)
    const page = await context.newPage()
    const trouble = listenForTrouble(page)
    await use({ server, session, page })
    await context.close()
    await server.stop()
    expect(trouble, 'what the browser complained of').toEqual([])
  },
})

/** Signs the person out by the menu, and waits for the page that they then see. */
export async function signOut(page: Page) {
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

/** No serious finding of axe on the page as it is now. */
export async function checkA11y(page: Page) {
  const { violations } = await new AxeBuilder({ page })
    // Fluent's guards of the focus: they hand it on at once.
    .exclude('[data-tabster-dummy]')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  const serious = violations.filter((it) => it.impact === 'serious' || it.impact === 'critical')
  const told = serious.map(
    (it) => `${it.id}: ${it.help}\n  ${it.nodes.map((node) => node.html).join('\n  ')}`,
  )
  expect(told, 'serious findings of axe').toEqual([])
}

const looks = [
  { theme: 'light', width: 1280, height: 800 },
  { theme: 'dark', width: 1280, height: 800 },
  { theme: 'light', width: 390, height: 844 },
  { theme: 'dark', width: 390, height: 844 },
] as const

/**
 * Compares the page with its pictures, in both themes, wide and narrow, and has axe look at it in each. What tells
 * time is masked, and what else moves may be named in `mask`. `npm run e2e -- -u` takes new pictures: look at them.
 */
export async function checkLook(page: Page, name: string, mask: readonly string[] = []) {
  // What tells time is as wide one day as the other, so that nothing around it moves.
  const still = await page.evaluateHandle(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(
      '[data-moving] { display: inline-block; width: 90px; height: 1.2em; overflow: hidden; white-space: nowrap; vertical-align: bottom }',
    )
    document.adoptedStyleSheets.push(sheet)
    return sheet
  })
  for (const { theme, width, height } of looks) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height })
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    await expect(page).toHaveScreenshot(`${name}-${theme}-${width}.png`, {
      mask: ['[data-moving]', ...mask].map((selector) => page.locator(selector)),
      maskColor: '#808080',
    })
    // Narrow pages have the same parts; what themes change is contrast.
    if (width > 1000) await checkA11y(page)
  }
  await page.setViewportSize({ width: looks[0].width, height: looks[0].height })
  await still.evaluate((sheet) => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((it) => it !== sheet)
  })
}
