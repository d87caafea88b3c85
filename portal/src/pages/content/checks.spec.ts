import { expect, test } from 'vitest'
import { type CheckLine, counted, fitting } from './checks'
import type { ContentSearch } from './search'

const line = (id: string, change: Partial<CheckLine>): CheckLine => ({
  id,
  title: `Title of ${id}`,
  severity: 'high',
  status: 'stable',
  control: 'enable-mfa',
  kinds: [`${id.split('.')[0]}.thing`],
  standards: [],
  techniques: [],
  own: false,
  cases: 3,
  ...change,
})
const all = [
  line('aws.s3.public', { severity: 'critical', standards: ['mcsb-v1'] }),
  line('azure.web.open', { severity: 'low', title: 'An app is open' }),
  line('own.labels', { kinds: ['aws.s3-bucket'], own: true }),
]

test('checks are narrowed and put in order', () => {
  const check = (search: ContentSearch, ids: string[]) =>
    expect(fitting(all, search).map((it) => it.id)).toEqual(ids)
  check({}, ['aws.s3.public', 'azure.web.open', 'own.labels'])
  check({ q: 'open app' }, ['azure.web.open'])
  check({ cloud: ['aws'] }, ['aws.s3.public', 'own.labels'])
  check({ cloud: ['aws'], origin: ['own'] }, ['own.labels'])
  check({ standard: ['mcsb-v1'] }, ['aws.s3.public'])
  check({ sort: 'severity' }, ['aws.s3.public', 'own.labels', 'azure.web.open'])
  check({ sort: 'severity', reverse: true }, ['azure.web.open', 'own.labels', 'aws.s3.public'])
})

test('facets count with all filters but their own', () => {
  expect(counted(all, { cloud: ['azure'] }, 'cloud')).toEqual([
    { value: 'aws', count: 2 },
    { value: 'azure', count: 1 },
  ])
  expect(counted(all, { cloud: ['azure'] }, 'severity')).toEqual([{ value: 'low', count: 1 }])
})
