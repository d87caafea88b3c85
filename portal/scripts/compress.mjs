// Leaves a `.br` and a `.gz` beside each file of dist that has a hash in its name, so that the server compresses nothing.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const assets = new URL('../dist/assets/', import.meta.url)
const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

await Promise.all(
  (await readdir(assets))
    .filter((name) => /\.(js|css|svg)$/.test(name))
    .map(async (name) => {
      const bytes = await readFile(new URL(name, assets))
      const asBrotli = await brotli(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      })
      await writeFile(new URL(`${name}.br`, assets), asBrotli)
      await writeFile(new URL(`${name}.gz`, assets), await zip(bytes, { level: 9 }))
    }),
)
