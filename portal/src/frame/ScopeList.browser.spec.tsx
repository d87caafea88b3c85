import { FluentProvider } from '@fluentui/react-components'
import { expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import type { Schemas } from '#/api/client'
import { lightTheme } from '#/ui/tokens'
import { ScopeList } from './ScopeList'

const scope = (name: string, depth: number): Schemas['Scope'] => ({
  id: `aws:${name}`,
  name,
  cloud: 'aws',
  depth,
  can: [],
  kind: 'account',
  resources: 3,
  unhealthy: 1,
  unknown: 0,
})

const scopes = [scope('corporate', 0), scope('corporate-mail', 1), scope('harbour', 0)]

async function list(chosen?: string) {
  const choose = vi.fn()
  await render(
    <FluentProvider theme={lightTheme}>
      <ScopeList scopes={scopes} chosen={chosen} choose={choose} />
    </FluentProvider>,
  )
  return choose
}

test('words find scopes, arrows go through them, and Enter chooses', async () => {
  const choose = await list()
  await expect.element(page.getByRole('option', { name: 'Everything' })).toBeVisible()
  await userEvent.type(page.getByRole('combobox'), 'corp')
  await expect.poll(() => page.getByRole('option').elements().length).toBe(2)
  await userEvent.keyboard('{ArrowDown}{Enter}')
  expect(choose).toHaveBeenCalledExactlyOnceWith('aws:corporate-mail')
})

test('Enter chooses what is typed, however soon it comes', async () => {
  const choose = await list()
  const field = page.getByRole('combobox').element()
  if (!(field instanceof HTMLInputElement)) throw new Error('no field')
  // Both in one turn: the list has had no time to follow.
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
  set?.call(field, 'harb')
  field.dispatchEvent(new Event('input', { bubbles: true }))
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
  expect(choose).toHaveBeenCalledExactlyOnceWith('aws:harbour')
})

test('a name that nobody has is said, and Enter chooses nothing', async () => {
  const choose = await list()
  await userEvent.type(page.getByRole('combobox'), 'nowhere')
  await expect.element(page.getByText('No scope has this name')).toBeVisible()
  await userEvent.keyboard('{Enter}')
  expect(choose).not.toHaveBeenCalled()
})
