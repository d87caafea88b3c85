// Measures how long somebody who tries Merlon waits: from the start of `merlon demo` to the overview, signed in.
// `npm run first-screen`: figures, no test. The browser is open before; typing is as fast as a script types.
import { test } from '@playwright/test'
import { startDemo } from './server'

const TIMES = 5

test('from the start of the demo to the overview', async ({ browser }) => {
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(2).padStart(6)
  const say = (line: string) => process.stdout.write(`${line}\n`)
  say('run  said its address    sign-in page       overview    in all, seconds')
  for (let run = 1; run <= TIMES; run += 1) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const start = performance.now()
    const demo = await startDemo()
    const up = performance.now()
    await page.goto(demo.url)
    const name = page.getByLabel('Name')
    await name.waitFor()
    const door = performance.now()
    await name.fill(demo.name)
    await page.getByLabel('Password').fill(demo.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText(/open recommendations? concern/).waitFor()
    const there = performance.now()
    say(
      `${run}          ${seconds(start, up)}          ${seconds(up, door)}         ${seconds(door, there)}     ${seconds(start, there)}`,
    )
    await context.close()
    await demo.stop()
  }
})
