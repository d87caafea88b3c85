// Writes src/api/generated/schema.ts from the OpenAPI document of the server. `--check` fails when it is out of date.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const document = new URL('../../docs/reference/openapi.json', import.meta.url)
const target = new URL('../src/api/generated/schema.ts', import.meta.url)

/** The text that schema.ts must have for the document as it is now. */
export async function schemaText() {
  const head = '// Made from docs/reference/openapi.json by `npm run schema`. Do not edit.\n\n'
  const nodes = await openapiTS(document, { alphabetize: true, rootTypes: false })
  return head + astToString(nodes)
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const text = await schemaText()
  if (process.argv.includes('--check')) {
    const now = await readFile(target, 'utf8').catch(() => '')
    if (now !== text) {
      console.error('src/api/generated/schema.ts is out of date: run `npm run schema`')
      process.exit(1)
    }
  } else {
    await writeFile(target, text)
  }
}
