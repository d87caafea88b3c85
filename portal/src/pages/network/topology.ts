// The map as a tree: accounts hold networks, networks hold subnets, subnets hold end points. What is closed is one box.
import type { Schemas } from '#/api/client'
import type { EndPoint } from '#/api/queries/rights'
import type { Row, TopologyRows } from '#/api/queries/topology'
import { severities } from '#/ui/Severity'

export type Level = 'scope' | 'network' | 'subnet' | 'end'

/** A box of the map. */
export interface Spot {
  id: string
  name: string
  kind: string
  level: Level
  parent: Spot | undefined
  children: Spot[]
  /** End points in it; of an end point 1. */
  ends: number
  /** Those of them that packets from the internet reach. */
  exposed: number
  /** Those of them of which that is not known. */
  unsure: number
  /** What is known of its own exposure. */
  exposure: EndPoint | undefined
  /** Open recommendations in it by severity. */
  open: Schemas['OpenCounts']
}

export interface Topology {
  scopes: readonly Spot[]
  /** Every box by its id. */
  spots: ReadonlyMap<string, Spot>
  /** Networks between which packets may go directly. */
  peers: ReadonlyMap<string, ReadonlySet<string>>
}

/** Boxes that are drawn before groups stay closed. */
export const MOST_SPOTS = 60

const none: Schemas['OpenCounts'] = { critical: 0, high: 0, medium: 0, low: 0 }

/** The part of an id that people know. */
const shortOf = (id: string): string => id.split(/[/:]/).at(-1) || id

/**
 * The tree. `exposed` is what the internet reaches or may reach, `scopeOf` where that lies, `open` what is open on
 * which resource, `scopeName` how people call a scope.
 */
export function topologyOf(
  { rows }: Pick<TopologyRows, 'rows'>,
  exposed: readonly EndPoint[],
  scopeOf: ReadonlyMap<string, string>,
  open: ReadonlyMap<string, Schemas['OpenCounts']>,
  scopeName: (id: string) => string,
): Topology {
  const spots = new Map<string, Spot>()
  const exposures = new Map(exposed.map((it) => [it.id, it]))
  const put = (
    level: Level,
    parent: Spot | undefined,
    it: { id: string; name: string; kind: string },
  ): Spot => {
    const before = spots.get(it.id)
    if (before !== undefined) return before
    const spot: Spot = {
      id: it.id,
      name: it.name === '' ? shortOf(it.id) : it.name,
      kind: it.kind,
      level,
      parent,
      children: [],
      ends: 0,
      exposed: 0,
      unsure: 0,
      exposure: exposures.get(it.id),
      open: { ...(open.get(it.id) ?? none) },
    }
    spots.set(it.id, spot)
    parent?.children.push(spot)
    return spot
  }
  const scope = (id: string) => put('scope', undefined, { id, name: scopeName(id), kind: 'scope' })
  const of = (row: Row) => ({ id: row.id ?? '', name: row.name ?? '', kind: row.kind ?? '' })
  for (const it of rows.networks) put('network', scope(it.scope ?? ''), of(it))
  for (const it of rows.subnets) {
    const network = spots.get(it.network ?? '')
    if (network !== undefined) put('subnet', network, of(it))
  }
  // Where something stands in several subnets, it is drawn in the first; the innermost place counts.
  for (const it of [...rows.inSubnet, ...rows.byInterface, ...rows.inNetwork]) {
    const place = spots.get(it.place ?? '')
    if (place !== undefined) put('end', place, of(it))
  }
  for (const it of exposed) {
    const where = scopeOf.get(it.id)
    if (where !== undefined) put('end', scope(where), it)
  }
  const scopes = [...spots.values()].filter((it) => it.level === 'scope')
  for (const it of scopes) sum(it)
  return { scopes: scopes.sort(byWorst), spots, peers: peersOf(rows) }
}

/** Adds up what is in a box, and puts the worst first. */
function sum(spot: Spot) {
  if (spot.level === 'end') {
    spot.ends = 1
    spot.exposed = spot.exposure?.answer === 'yes' ? 1 : 0
    spot.unsure = spot.exposure?.answer === 'unknown' ? 1 : 0
    return
  }
  for (const it of spot.children) {
    sum(it)
    spot.ends += it.ends
    spot.exposed += it.exposed
    spot.unsure += it.unsure
    for (const severity of severities) spot.open[severity] += it.open[severity]
  }
  spot.children.sort(byWorst)
}

const byWorst = (a: Spot, b: Spot): number =>
  b.exposed - a.exposed || b.ends - a.ends || a.name.localeCompare(b.name)

function peersOf(rows: TopologyRows['rows']): Map<string, Set<string>> {
  const peers = new Map<string, Set<string>>()
  const join = (a: string, b: string) => {
    if (a !== b) peers.set(a, (peers.get(a) ?? new Set()).add(b))
  }
  for (const { id = '', place = '' } of rows.peerings) {
    join(id, place)
    join(place, id)
  }
  const ends = new Map<string, string[]>()
  for (const { id = '', place = '' } of rows.connections) ends.set(id, [...(ends.get(id) ?? []), place])
  for (const all of ends.values()) {
    for (const a of all) for (const b of all) join(a, b)
  }
  return peers
}

/** The boxes that are open when nobody said otherwise: from outside inwards, as long as not too many are drawn. */
export function openAtFirst(of: Topology): ReadonlySet<string> {
  const open = new Set<string>()
  // Of a large map only that is open which wants a look.
  const isLarge = of.spots.size > MOST_SPOTS
  let drawn = of.scopes.length
  let level: readonly Spot[] = of.scopes
  while (level.length > 0) {
    const inside: Spot[] = []
    for (const it of level) {
      if (it.level === 'end' || it.children.length === 0) continue
      if (isLarge && it.exposed + it.unsure + it.open.critical + it.open.high === 0) continue
      if (drawn + it.children.length > MOST_SPOTS) continue
      drawn += it.children.length
      open.add(it.id)
      inside.push(...it.children)
    }
    level = inside
  }
  return open
}

/** Whether a box is open: as at first, unless somebody flipped it. */
export const isOpen = (id: string, atFirst: ReadonlySet<string>, flipped: readonly string[]): boolean =>
  atFirst.has(id) !== flipped.includes(id)

/** The innermost box of a level around another one. */
function around(spot: Spot, level: Level): Spot | undefined {
  for (let at = spot.parent; at !== undefined; at = at.parent) if (at.level === level) return at
  return undefined
}

function endsIn(spot: Spot): Spot[] {
  return spot.level === 'end' ? [spot] : spot.children.flatMap(endsIn)
}

/** The end points that are nearest to one: of its subnet, its network, the networks beside it, its account. */
export function nearest(of: Topology, spot: Spot): Spot[] {
  const network = around(spot, 'network')
  const beside = [...(of.peers.get(network?.id ?? '') ?? [])].flatMap((id) => of.spots.get(id) ?? [])
  const places = [around(spot, 'subnet'), network, ...beside, around(spot, 'scope')]
  const found = new Set(places.flatMap((it) => (it === undefined ? [] : endsIn(it))))
  found.delete(spot)
  return [...found]
}

/** Only what the internet reaches, or may reach, with what is around it. */
export function facing(of: Topology): Topology {
  const spots = new Map<string, Spot>()
  const keep = (it: Spot, parent: Spot | undefined): Spot | undefined => {
    if (it.exposed + it.unsure === 0) return undefined
    const kept: Spot = { ...it, parent, children: [] }
    kept.children = it.children.flatMap((child) => keep(child, kept) ?? [])
    if (it.level !== 'end') kept.ends = kept.children.reduce((sum, child) => sum + child.ends, 0)
    spots.set(kept.id, kept)
    return kept
  }
  return { scopes: of.scopes.flatMap((it) => keep(it, undefined) ?? []), spots, peers: of.peers }
}
