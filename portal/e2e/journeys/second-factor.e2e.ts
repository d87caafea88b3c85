// An authenticator app, from the picture that its camera reads to signing in with a code of it.
import { createHmac } from 'node:crypto'
import type { Locator } from '@playwright/test'
import decodeQR from 'qr/decode.js'
import { checkA11y, expect, owner, signOut, test } from '../fixture'

test.use({ kind: 'operated' })

/** What a camera reads from a picture as the browser draws it. */
async function read(picture: Locator): Promise<string> {
  const size = 400
  const data = await picture.evaluate(async (svg: SVGElement, size) => {
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    const image = new Image(size, size)
    image.src = `data:image/svg+xml,${encodeURIComponent(svg.outerHTML)}`
    await image.decode()
    const canvas = new OffscreenCanvas(size, size)
    const context = canvas.getContext('2d')
    context?.drawImage(image, 0, 0, size, size)
    return [...(context?.getImageData(0, 0, size, size).data ?? [])]
  }, size)
  return decodeQR({ width: size, height: size, data: Uint8Array.from(data) })
}

/** The code of an app with this secret, `steps` half minutes from now (RFC 6238). */
function codeOf(secret: string, steps: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((it) => letters.indexOf(it).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((it) => Number.parseInt(it, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const tag = createHmac('sha1', key).update(step).digest()
  const number = tag.readUInt32BE((tag.at(-1) ?? 0) & 15) & 0x7fff_ffff
  return String(number % 1_000_000).padStart(6, '0')
}

test('an app reads the picture, and its codes are asked for', async ({ own: { page } }) => {
  await page.goto('/account')
  const section = page.getByRole('region', { name: 'Second factor' })
  await section.getByRole('button', { name: 'Set up an app' }).click()
  await section.getByLabel('Your password, once more').fill(owner.password)
  await section.getByRole('button', { name: 'Set up an app' }).click()
  const link = new URL(await read(section.getByRole('img', { name: /Key for the app/ })))
  expect(link.href).toMatch(/^otpauth:\/\/totp\/Merlon:ada\?/)
  const secret = link.searchParams.get('secret') ?? ''
  const typed = await section.getByLabel('Key for the app', { exact: true }).innerText()
  expect(typed.replaceAll(' ', '')).toBe(secret)
  await checkA11y(page)
  await section.getByLabel('The code that the app shows now').fill(codeOf(secret, 0))
  await section.getByRole('button', { name: 'Confirm' }).click()
  await section.getByRole('button', { name: 'I have kept them' }).click()
  await expect(section.getByRole('button', { name: 'Stop using the app' })).toBeVisible()

  await signOut(page)
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  // A code counts once: the next one, which the server takes a little early.
  await page.getByLabel('Code').fill(codeOf(secret, 1))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
})
