// Starts the real binary with the sample estate, on a port that the system chose, with a person who may do everything.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { access, cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = new URL('../../', import.meta.url).pathname

/** The binary under test: `MERLON_BIN`, or what `cargo build` made last. */
export async function binary(): Promise<string> {
  const target = process.env.CARGO_TARGET_DIR ?? join(repository, 'target')
  const places = [process.env.MERLON_BIN, join(target, 'debug/merlon'), join(target, 'release/merlon')]
  for (const place of places) {
    if (place === undefined) continue
    const isThere = await access(place).then(
      () => true,
      () => false,
    )
    if (isThere) return place
  }
  throw new Error('no merlon binary: run `cargo build`, or say where it is with MERLON_BIN')
}

export const owner = { name: 'ada', displayName: 'Ada Fairweather', password: 'nine blue lamps at sea' }

/** What `global.ts` has made ready before the tests. */
export interface Prepared {
  /** A folder with the sample estate and no account. */
  bare: string
  /** The same with the account of the owner, who is signed in with `session`. */
  owned: string
  session: string
  /** The server that all tests share which change nothing. */
  shared: string
}

const PREPARED = 'MERLON_E2E_PREPARED'

/** Hands on to the workers what is ready: they are processes of their own, and begin with this environment. */
export function keepPrepared(prepared: Prepared) {
  process.env[PREPARED] = JSON.stringify(prepared)
}

export function prepared(): Prepared {
  const text = process.env[PREPARED]
  if (text === undefined) throw new Error('nothing is prepared: tests run with `npm run e2e`')
  return JSON.parse(text)
}

/** The sample estate in a new folder. */
export async function importSample(data: string) {
  await run(await binary(), ['import', join(repository, 'examples/larkspur-freight'), '--data', data], {
    maxBuffer: 1 << 26,
  })
}

/** A server that runs. */
export interface Begun {
  /** Its portal and its interface, such as `http://127.0.0.1:PORT`. */
  url: string
  /** The link with which the first account is made; `null` when there is one. */
  setUpLink: string | null
  stop: () => Promise<void>
}

/**
 * How a server is set up: as one tries it, with no setting at all, or as one operates it, knowing its own address
 * (which passkeys need) and with a master key (which codes of apps need).
 */
export type ServerKind = 'tried' | 'operated'

export interface Server extends Begun {
  /** The folder of its database. */
  data: string
}

/** A server of one's own: on the sample estate, with the owner's account or with none. */
export async function startServer(
  from: 'bare' | 'owned' = 'owned',
  kind: ServerKind = 'tried',
): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'merlon-e2e-'))
  const data = join(folder, 'data')
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const begun = await begin(prepared()[from], data, kind)
    const stop = async () => {
      await begun.stop()
      await remove()
    }
    return { ...begun, data, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Starts on a copy of a folder. */
export async function begin(from: string, data: string, kind: ServerKind = 'tried'): Promise<Begun> {
  await cp(from, data, { recursive: true })
  const port = kind === 'tried' ? 0 : await freePort()
  const origin = kind === 'tried' ? null : `http://localhost:${port}`
  const more: NodeJS.ProcessEnv = {}
  if (origin !== null) {
    const key = `${data}.key`
    await run(await binary(), ['key', 'new', key])
    Object.assign(more, { MERLON__SERVER__ORIGIN: origin, MERLON__KEY__FILE: key })
  }
  const child = spawn(await binary(), ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...more },
  })
  const said = listen(child)
  const [, address = ''] = await said.until(/listening on (http:\S+)/)
  await isReady(address)
  // It is said before the server is ready, or never.
  const link = /https?:\/\/\S+\/set-up#[0-9a-z]+/i.exec(said.all())?.[0]
  const portal = process.env.MERLON_E2E_PORTAL === 'dist' ? await previewOf(address) : null
  const url = portal?.url ?? origin ?? address
  return {
    url,
    setUpLink: link === undefined ? null : url + new URL(link).pathname + new URL(link).hash,
    stop: async () => {
      await portal?.stop()
      await stop(child)
    },
  }
}

export interface Demo {
  url: string
  name: string
  password: string
  stop: () => Promise<void>
}

/** What `merlon demo` serves, with the account that it prints. */
export async function startDemo(): Promise<Demo> {
  const data = await mkdtemp(join(tmpdir(), 'merlon-demo-'))
  const child = spawn(await binary(), ['demo', '--data', data, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = await listen(child).until(/Open +(\S+)[^]*Name +(\S+)[^]*Password +(\S+)\s/)
  const [, address = '', name = '', password = ''] = said
  await isReady(address)
  const portal = process.env.MERLON_E2E_PORTAL === 'dist' ? await previewOf(address) : null
  return {
    url: portal?.url ?? address,
    name,
    password,
    stop: async () => {
      await portal?.stop()
      await stop(child)
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Asks the program to end, and waits until it has. */
async function stop(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}

/** What a program says: all of it so far, and waiting for words. */
function listen(child: ChildProcess) {
  let said = ''
  const waiting = new Set<() => void>()
  const hear = (chunk: Buffer) => {
    said += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const until = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = words.exec(said)
        if (found === null) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      child.once('exit', (code) => reject(new Error(`merlon ended with ${code} before it was up:\n${said}`)))
      look()
    })
  return { until, all: () => said }
}

/** Waits until the server answers from a state in memory. */
async function isReady(url: string): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => null)
    if (answer?.ok === true) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${url} was not ready within 60 s`)
}

/** Waits until exposure and attack paths are derived: risk rests on them, and changes when they come. */
export async function isKnown(url: string, session: string): Promise<void> {
  const deadline = Date.now() + 180_000
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/api/v1/score`, { headers: { cookie: `__Host-merlon=${session}` } })
    const score: unknown = await answer.json()
    if (JSON.stringify(score).includes('"knownAsOf":')) return
    await new Promise((done) => setTimeout(done, 200))
  }
  throw new Error(`${url} did not know its attack paths within 180 s`)
}

/** A port that nobody listens at: the system gives no such port out again soon. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}

/** The files of `dist` before the server: for work on the portal without building the binary anew. */
async function previewOf(server: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const { preview } = await import('vite')
  const served = await preview({
    root: new URL('..', import.meta.url).pathname,
    logLevel: 'error',
    preview: { host: '127.0.0.1', port: 0, proxy: { '/api': { target: server } } },
  })
  const address = served.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('the preview has no port')
  return { url: `http://127.0.0.1:${address.port}`, stop: () => served.close() }
}

/** Makes the first account; gives back the secret of its session. */
export async function setUp({ url, setUpLink }: Begun): Promise<string> {
  const secret = new URL(setUpLink ?? '').hash.slice(1)
  const answer = await fetch(`${url}/api/v1/set-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret, ...owner }),
  })
  const cookie = /__Host-merlon=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')
  if (!answer.ok || cookie?.[1] === undefined) throw new Error(`set-up answered ${answer.status}`)
  return cookie[1]
}
