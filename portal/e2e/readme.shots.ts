// Makes the pictures of the README from `merlon demo`: `npm run readme`. They are never drawn by hand.
import { test } from '@playwright/test'
import { isKnown, startDemo } from './server'

const folder = new URL('../../docs/images/', import.meta.url).pathname

const pages = [
  { name: 'overview', path: '/' },
  { name: 'recommendations', path: '/recommendations?state=unhealthy' },
  { name: 'attack-paths', path: '/attack-paths' },
  { name: 'network-map', path: '/network?view=map' },
  { name: 'inventory', path: '/inventory?state=unhealthy' },
  { name: 'score', path: '/score' },
  { name: 'compliance', path: '/compliance' },
]

test('pictures of the README', async ({ browser }) => {
  const demo = await startDemo()
  for (const theme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      baseURL: demo.url,
      colorScheme: theme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
    })
    const page = await context.newPage()
    await page.goto('/sign-in')
    await page.getByLabel('Name').fill(demo.name)
    await page.getByLabel('Password').fill(demo.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    // Attack paths are worked out behind the import: pictures show what stays.
    const session = (await context.cookies()).find((it) => it.name === '__Host-merlon')
    await isKnown(demo.url, session?.value ?? '')
    for (const { name, path } of pages) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
      await page.evaluate(() => document.fonts.ready)
      await page.screenshot({ path: `${folder}${name}-${theme}.png`, animations: 'disabled', caret: 'hide' })
    }
    await context.close()
  }
  await demo.stop()
})
