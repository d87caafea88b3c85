import { expect, test } from 'vitest'
import { ours } from './ours'

test('nobody is sent elsewhere after signing in', () => {
  const check = (to: string | undefined, address: string) => {
    expect(ours(to, 'https://merlon.example')).toBe(address)
  }
  check('/inventory/a%2Fb?scope=x#y', 'https://merlon.example/inventory/a%2Fb?scope=x#y')
  check('/query', 'https://merlon.example/query')
  check(undefined, '/')
  for (const elsewhere of [
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '\n//evil.example',
    'https://evil.example/',
    'http://merlon.example/',
    'https://merlon.example@evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://[',
  ]) {
    check(elsewhere, '/')
  }
  check('/..//evil.example', 'https://merlon.example//evil.example')
})
