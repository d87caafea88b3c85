import { forgetAnswers, sentTo, serve } from '#/test/server'
import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { showPage } from '#/test/page'
import { Notices } from '#/ui/notify'
import { SettingsPage } from './SettingsPage'

const setting = (value: number, more: object = {}) => ({
  name: 'session.idleMinutes',
  about: 'A session ends after so many minutes.',
  value,
  default: 60,
  least: 5,
  most: 1440,
  can: ['settings.write'],
  ...more,
})
const PUT = '/api/v1/settings/session.idleMinutes'

beforeEach(async () => {
  forgetAnswers()
  await page.viewport(1400, 900)
  serve('/api/v1/changes', { items: [] })
  serve('/api/v1/settings', [setting(60)])
  serve(`PUT ${PUT}`, (sent: string) => ({ ...setting(60), ...JSON.parse(sent) }))
})

const show = () =>
  showPage({
    path: '/settings',
    component: () => (
      <>
        <SettingsPage />
        <Notices />
      </>
    ),
    search: (it) => it,
    at: '/settings',
  })
const field = () => page.getByRole('spinbutton', { name: 'session.idleMinutes' })
const save = () => page.getByRole('button', { name: 'Save' })

test('what is out of bounds, or the same, is not sent', async () => {
  await show()
  await expect.element(page.getByText('Everything is at its default', { exact: false })).toBeVisible()
  await expect.element(save()).toHaveAttribute('aria-disabled', 'true')
  for (const value of ['4', '1441', '', '7.5']) {
    await userEvent.fill(field(), value)
    await userEvent.keyboard('{Enter}')
    await expect.element(page.getByText('It must be from 5 to 1,440.')).toBeVisible()
  }
  expect(sentTo('PUT', PUT)).toEqual([])
})

test('a value is saved, said, and put back by undoing', async () => {
  await show()
  await userEvent.fill(field(), '30')
  serve('/api/v1/settings', [setting(30, { by: 'Ada', at: '2026-11-02T10:00:00Z' })])
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => sentTo('PUT', PUT)).toEqual([{ value: 30 }])
  await expect.element(page.getByText('1 setting differs from the default', { exact: false })).toBeVisible()
  await expect.element(page.getByText(/Changed by Ada/)).toBeVisible()
  await userEvent.click(page.getByRole('button', { name: 'Undo' }))
  await expect.poll(() => sentTo('PUT', PUT).at(-1)).toEqual({ value: 60 })
})

test('back to the default is sent as none of one’s own', async () => {
  serve('/api/v1/settings', [setting(30)])
  await show()
  await userEvent.click(page.getByRole('button', { name: 'Back to 60' }))
  await expect.poll(() => sentTo('PUT', PUT)).toEqual([{ value: null }])
})

test('a refusal stands at its setting, with what was typed', async () => {
  serve(`PUT ${PUT}`, { detail: 'the configuration says otherwise', code: 'conflict' }, {}, 409)
  await show()
  await userEvent.fill(field(), '30')
  await userEvent.click(save())
  await expect.element(page.getByText(/The configuration says otherwise/)).toBeVisible()
  await expect.element(field()).toHaveValue(30)
})

test('who may not change settings reads them', async () => {
  serve('/api/v1/settings', [setting(60, { can: [] })])
  await show()
  await expect.element(field()).toBeDisabled()
  await expect.element(page.getByText(/Your roles do not include changing it/)).toBeVisible()
})
