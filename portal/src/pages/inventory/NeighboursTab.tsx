// What a resource is connected to: as a graph, and as a list that says the same.
import { useCallback, useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import type { Column } from '#/table/columns'
import { sorted, useList } from '#/table/source'
import { type Sort, Table } from '#/table/Table'
import { KindIcon } from '#/ui/glyphs'
import { LayeredGraph } from '#/ui/graph/LayeredGraph'
import type { Graph, GraphNode } from '#/ui/graph/layout'
import { Link } from '#/ui/Link'
import { EmptyState } from '#/ui/states'
import { count, counted } from '#/util/format'
import { shortName } from './columns'
import { NodeLink } from './NodeLink'
import css from './resource.module.css'
import { useWords } from './use-facets'

type Neighbour = Schemas['Neighbour']

const idOf = (it: Neighbour) => `${it.outgoing} ${it.edge} ${it.id}`
const nameOf = (it: Neighbour) => (it.name === '' ? shortName(it.id) : it.name)

/** `kindName` names a kind for people. */
const columnsOf = (kindName: (kind: string) => string): readonly Column<Neighbour>[] => [
  {
    key: 'way',
    title: 'Edge',
    width: 260,
    sort: 'edge',
    card: 'line',
    cell: (it) => (
      <span>
        {it.outgoing ? 'this ' : ''}
        <code className={css.code}>{it.edge}</code> {it.outgoing ? '→' : '→ this'}
      </span>
    ),
  },
  {
    key: 'name',
    title: 'Resource',
    width: 260,
    grow: true,
    sort: 'name',
    card: 'title',
    cell: (it) => (
      <Link to="/inventory/$id" params={{ id: it.id }} plain title={it.id}>
        {nameOf(it)}
      </Link>
    ),
  },
  {
    key: 'kind',
    title: 'Kind',
    width: 220,
    sort: 'kind',
    card: 'line',
    cell: (it) => (
      <span className={css.line}>
        <KindIcon kind={it.kind} /> {kindName(it.kind)}
      </span>
    ),
  },
]

const values: Record<string, (it: Neighbour) => string> = {
  edge: (it) => `${it.edge} ${it.outgoing}`,
  name: nameOf,
  kind: (it) => it.kind,
}

/** The resource with its neighbours as a graph. */
function graphOf(resource: Schemas['ResourceDetail'], kindName: (kind: string) => string): Graph {
  const own = {
    id: resource.id,
    name: resource.name,
    what: resource.kindTitle ?? resource.kind,
    group: resource.kind,
  }
  const nodes = new Map<string, GraphNode>([[own.id, own]])
  for (const it of resource.neighbours) {
    if (!nodes.has(it.id))
      nodes.set(it.id, { id: it.id, name: nameOf(it), what: kindName(it.kind), group: it.kind })
  }
  const edges = resource.neighbours.map((it) =>
    it.outgoing
      ? { from: resource.id, to: it.id, label: it.edge }
      : { from: it.id, to: resource.id, label: it.edge },
  )
  return { nodes: [...nodes.values()], edges }
}

export function NeighboursTab({ resource }: { resource: Schemas['ResourceDetail'] }) {
  const { neighbours, moreNeighbours: more, hiddenNeighbours: hidden } = resource
  const [sort, setSort] = useState<Sort>({ by: 'edge', reverse: false })
  const words = useWords()
  const kindName = useCallback((kind: string) => words('kind', kind), [words])
  const columns = useMemo(() => columnsOf(kindName), [kindName])
  const graph = useMemo(() => graphOf(resource, kindName), [resource, kindName])
  const rows = useMemo(() => sorted(neighbours, values[sort.by] ?? idOf, sort.reverse), [neighbours, sort])
  const source = useList({ data: rows })
  if (neighbours.length === 0) {
    return (
      <EmptyState title="Nothing is connected to it">
        {hidden > 0
          ? `${counted(hidden, 'neighbour')} ${hidden === 1 ? 'lies' : 'lie'} in scopes that you do not see.`
          : 'No document that was read refers to it, and it refers to nothing.'}
      </EmptyState>
    )
  }
  return (
    <div className={css.stack}>
      {more + hidden === 0 ? null : (
        <p className={css.quiet}>
          {more > 0 ? `${count(more)} more are not shown here. ` : ''}
          {hidden > 0 ? `${count(hidden)} lie in scopes that you do not see.` : ''}
        </p>
      )}
      <LayeredGraph
        graph={graph}
        label={`Neighbours of ${resource.name} as a graph`}
        center={resource.id}
        node={(it) => <NodeLink node={it} />}
      />
      <Table
        name="neighbours"
        label="Neighbours"
        noun={['neighbour', 'neighbours']}
        columns={columns}
        source={source}
        id={idOf}
        rows={12}
        sort={sort}
        onSort={setSort}
      />
    </div>
  )
}
