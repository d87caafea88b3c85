import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaText } from '../../scripts/schema.mjs'

test('the types are those of the OpenAPI document', { timeout: 60_000 }, async () => {
  const committed = readFileSync(new URL('./generated/schema.ts', import.meta.url), 'utf8')
  expect(committed === (await schemaText()), 'run `npm run schema`').toBe(true)
})
