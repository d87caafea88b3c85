// Once, before all tests: the sample estate is imported and gets its first account, and one server begins that all
// tests share which change nothing. Tests with servers of their own begin with copies of these folders.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { begin, type Begun, importSample, isKnown, keepPrepared, setUp } from './server'

export default async function prepare(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'merlon-e2e-'))
  const started: Begun[] = []
  const end = async () => {
    for (const server of started) await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const prepared = { bare: join(folder, 'bare'), owned: join(folder, 'owned') }
    await importSample(prepared.bare)
    // An account is made by a server that runs, and its folder is whole once that has stopped.
    const first = await begin(prepared.bare, prepared.owned)
    started.push(first)
    const session = await setUp(first)
    await first.stop()
    started.pop()
    const shared = await begin(prepared.owned, join(folder, 'shared'))
    started.push(shared)
    await isKnown(shared.url, session)
    keepPrepared({ ...prepared, session, shared: shared.url })
    return end
  } catch (error) {
    await end()
    throw error
  }
}
