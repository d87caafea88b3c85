import { expect, test } from 'vitest'
import type { Schemas } from '#/api/client'
import { families } from './requirements'
import type { StandardSearch } from './search'

const requirement = (id: string, family: string, state: Schemas['RequirementState']) => ({
  id,
  title: `Title of ${id}`,
  family,
  state,
  checks: [],
  healthy: 0,
  unhealthy: 0,
  unknown: 0,
})
const all = [
  requirement('NS-1', 'Network', 'failed'),
  requirement('IM-1', 'Identity', 'passed'),
  requirement('NS-2', 'Network', 'manual'),
]

test('chapters keep the order of the standard', () => {
  const check = (search: StandardSearch, tree: Record<string, string[]>) =>
    expect(
      Object.fromEntries(families(all, search).map((it) => [it.name, it.requirements.map((one) => one.id)])),
    ).toEqual(tree)
  check({}, { Network: ['NS-1', 'NS-2'], Identity: ['IM-1'] })
  check({ state: ['failed', 'passed'] }, { Network: ['NS-1'], Identity: ['IM-1'] })
  check({ q: 'network 2' }, { Network: ['NS-2'] })
  check({ q: 'nothing' }, {})
})
