import { expect, test } from 'vitest'
import { base64 } from './evidence-files'

test('bytes are encoded as one text, however many there are', () => {
  for (const length of [0, 1, 2, 3, 24_575, 24_576, 24_577, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) % 256)
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  }
})
