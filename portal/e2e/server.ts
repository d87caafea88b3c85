// Starts the real binary with the sample estate, on a port that the system chose, with a person who may do everything.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
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

export interface Server {
  /** `http://127.0.0.1:PORT`, of the portal and the interface alike. */
  url: string
  /** The link with which the first account is made. It counts as long as there is none. */
  setUpLink: string
  /** The sample estate in its folder, for imports of the tests' own. */
  data: string
  stop: () => Promise<void>
}

/** A server with the sample estate and no account yet. */
export async function startServer(): Promise<Server> {
  const merlon = await binary()
  const data = await mkdtemp(join(tmpdir(), 'merlon-e2e-'))
  await run(merlon, ['import', join(repository, 'examples/larkspur-freight'), '--data', data], {
    maxBuffer: 1 << 26,
  })
  const child = spawn(merlon, ['serve', '--data', data, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const link = await linkOf(child)
  const stopPortal = { now: async () => {} }
  let url = new URL(link).origin
  await isReady(url)
  if (process.env.MERLON_E2E_PORTAL === 'dist') {
    const portal = await previewOf(url)
    stopPortal.now = portal.stop
    url = portal.url
  }
  return {
    url,
    setUpLink: url + new URL(link).pathname + new URL(link).hash,
    data,
    stop: async () => {
      await stopPortal.now()
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      await rm(data, { recursive: true, force: true })
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
  const merlon = await binary()
  const data = await mkdtemp(join(tmpdir(), 'merlon-demo-'))
  const child = spawn(merlon, ['demo', '--data', data, '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = await until(child, /Open +(\S+)[^]*Name +(\S+)[^]*Password +(\S+)/)
  const [, url = '', name = '', password = ''] = said
  await isReady(url)
  return {
    url,
    name,
    password,
    stop: async () => {
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** The set-up link that the server prints when it starts. */
async function linkOf(child: ChildProcess): Promise<string> {
  return (await until(child, /https?:\/\/\S+\/set-up#[0-9a-z]+/i))[0]
}

/** Waits until the program has said something. */
function until(child: ChildProcess, words: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk.toString()
      const found = words.exec(said)
      if (found !== null) resolve(found)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', (code) => reject(new Error(`merlon ended with ${code} before it was up:\n${said}`)))
  })
}

/** Waits until the server answers from a state in memory. */
async function isReady(url: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => null)
    if (answer?.ok === true) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${url} was not ready within 30 s`)
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
export async function setUp(server: Server): Promise<string> {
  const secret = new URL(server.setUpLink).hash.slice(1)
  const answer = await fetch(`${server.url}/api/v1/set-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret, ...owner }),
  })
  const cookie = /__Host-merlon=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')
  if (!answer.ok || cookie?.[1] === undefined) throw new Error(`set-up answered ${answer.status}`)
  return cookie[1]
}
