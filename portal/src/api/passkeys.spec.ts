import { expect, test } from 'vitest'
import { toBytes, toText } from './passkeys'

test.each([
  ['', []],
  ['_w', [255]],
  ['----_wAB', [251, 239, 190, 255, 0, 1]],
  ['-vv8_f7_AA', [250, 251, 252, 253, 254, 255, 0]],
])('%j is bytes in the text of addresses', (text, bytes) => {
  expect([...toBytes(text)]).toEqual(bytes)
  expect(toText(Uint8Array.from(bytes).buffer)).toBe(text)
})
