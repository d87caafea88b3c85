// The size budget: what a browser loads before the overview stands there, compressed with gzip (brotli is smaller still).
import { readdir, readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

const BUDGET = 300_000
/** No other page may make somebody wait for more than this on top. */
const PAGE_BUDGET = 250_000

const dist = new URL('../dist/', import.meta.url)
const sizes = new Map()
for (const name of await readdir(new URL('assets/', dist))) {
  if (/\.(js|css)$/.test(name)) {
    sizes.set(name, gzipSync(await readFile(new URL(`assets/${name}`, dist)), { level: 9 }).length)
  }
}

/** A file with everything that it imports at once, and what that imports. */
async function closure(name, into = new Set()) {
  if (into.has(name) || !sizes.has(name)) return into
  into.add(name)
  if (name.endsWith('.js')) {
    const text = await readFile(new URL(`assets/${name}`, dist), 'utf8')
    for (const [, found] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+)["']/g))
      await closure(found, into)
  }
  return into
}

const document = await readFile(new URL('index.html', dist), 'utf8')
const first = new Set()
for (const [, name] of document.matchAll(/\/assets\/([\w.-]+)/g)) await closure(name, first)
const shell = new Set(first)
for (const name of sizes.keys()) {
  if (/^(OverviewPage)-/.test(name)) await closure(name, first)
}

const sum = (names) => [...names].reduce((all, name) => all + (sizes.get(name) ?? 0), 0)
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`
console.log(`first load, with the overview: ${kB(sum(first))} of ${kB(BUDGET)}`)
let isTooLarge = sum(first) > BUDGET
if (isTooLarge) {
  for (const name of [...first].sort((a, b) => sizes.get(b) - sizes.get(a)).slice(0, 12)) {
    console.log(`  ${kB(sizes.get(name)).padStart(10)}  ${name}`)
  }
}
for (const name of [...sizes.keys()].filter((it) => /Page-[\w-]+\.js$/.test(it)).sort()) {
  const more = [...(await closure(name))].filter((it) => !shell.has(it))
  console.log(`  ${kB(sum(more)).padStart(10)}  ${name.replace(/-[\w-]+\.js$/, '')}`)
  if (sum(more) > PAGE_BUDGET) isTooLarge = true
}
if (isTooLarge) {
  console.error('the portal is larger than its budget')
  process.exit(1)
}
