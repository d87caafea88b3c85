// What lies in which network: asked of the graph in openCypher.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../client'
import { PATIENCE } from './query'

/** Rows of each question at most; beyond that the map says that it is not whole. */
const MOST = 10_000

const questions = {
  networks:
    'MATCH (n:Network) RETURN n.merlon.id AS id, n.merlon.name AS name, n.merlon.kind AS kind, n.merlon.scope AS scope',
  subnets:
    'MATCH (n:Network)-[:CONTAINS|IN_NETWORK]-(s:Subnet) RETURN s.merlon.id AS id, s.merlon.name AS name, s.merlon.kind AS kind, n.merlon.id AS network',
  inSubnet:
    'MATCH (x)-[:IN_SUBNET]->(s:Subnet) WHERE NOT x:NetworkInterface RETURN x.merlon.id AS id, x.merlon.name AS name, x.merlon.kind AS kind, s.merlon.id AS place',
  byInterface:
    'MATCH (x)-[:HAS_INTERFACE]->(:NetworkInterface)-[:IN_SUBNET]->(s:Subnet) RETURN x.merlon.id AS id, x.merlon.name AS name, x.merlon.kind AS kind, s.merlon.id AS place',
  inNetwork:
    'MATCH (x)-[:IN_NETWORK]->(n:Network) WHERE NOT x:Subnet AND NOT x:SecurityGroup AND NOT x:RouteTable AND NOT x:NetworkInterface RETURN x.merlon.id AS id, x.merlon.name AS name, x.merlon.kind AS kind, n.merlon.id AS place',
  peerings: 'MATCH (a:Network)-[:PEERED_WITH]->(b:Network) RETURN a.merlon.id AS id, b.merlon.id AS place',
  connections:
    'MATCH (c)-[:PEERED_WITH]->(n:Network) WHERE NOT c:Network RETURN c.merlon.id AS id, n.merlon.id AS place',
} as const

type Question = keyof typeof questions

export type Row = Readonly<Record<string, string>>

export interface TopologyRows {
  rows: Readonly<Record<Question, readonly Row[]>>
  /** Whether there is more than was asked for. */
  more: boolean
}

async function ask(query: string, signal: AbortSignal) {
  const answer = await bodyOf(
    api.POST('/api/v1/query', { body: { query, limit: MOST, timeout: PATIENCE }, signal }),
  )
  const rows = answer.rows.map((row) =>
    Object.fromEntries(
      answer.columns.map((name, n) => [name, typeof row[n] === 'string' ? String(row[n]) : '']),
    ),
  )
  return { rows, more: answer.more }
}

/** All of it. */
export const topologyQuery = queryOptions({
  queryKey: ['run_query', 'topology'],
  queryFn: async ({ signal }): Promise<TopologyRows> => {
    const names = Object.keys(questions).filter((it): it is Question => it in questions)
    const answers = await Promise.all(names.map((it) => ask(questions[it], signal)))
    const of = (name: Question) => answers[names.indexOf(name)]?.rows ?? []
    return {
      rows: {
        networks: of('networks'),
        subnets: of('subnets'),
        inSubnet: of('inSubnet'),
        byInterface: of('byInterface'),
        inNetwork: of('inNetwork'),
        peerings: of('peerings'),
        connections: of('connections'),
      },
      more: answers.some((it) => it.more),
    }
  },
})

/** In which scope each of these lies, by id. */
export const scopesOfQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['run_query', 'scopes_of', ids],
    queryFn: async ({ signal }) => {
      const list = ids.map((it) => `'${it.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(', ')
      const { rows } = await ask(
        `MATCH (x) WHERE x.merlon.id IN [${list}] RETURN x.merlon.id AS id, x.merlon.scope AS scope`,
        signal,
      )
      return new Map(rows.map((it) => [it.id ?? '', it.scope ?? '']))
    },
    enabled: ids.length > 0,
  })
