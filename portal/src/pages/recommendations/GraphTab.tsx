// Where an affected resource stands: its neighbours, and the attack paths to it and from it.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { resourceQuery } from '#/api/queries/resources'
import { nameOf } from '#/pages/attack-paths/words'
import { NodeLink } from '#/pages/inventory/NodeLink'
import { useWords } from '#/pages/inventory/use-facets'
import { BothWays, waysFrom, waysTo } from '#/pages/inventory/Ways'
import { LayeredGraph } from '#/ui/graph/LayeredGraph'
import { KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Section } from '#/ui/parts'
import { Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './recommendations.module.css'
import { surroundings } from './surroundings'

export function GraphTab({ id }: { id: string }) {
  const asked = useQuery(resourceQuery(id))
  return <Shown of={asked}>{(resource) => <Around key={id} of={resource} />}</Shown>
}

function Around({ of }: { of: Schemas['ResourceDetail'] }) {
  const to = useQuery({ ...waysTo(of.id), retry: false }).data
  const from = useQuery({ ...waysFrom(of.id), retry: false }).data
  const words = useWords()
  const kindName = useCallback((kind: string) => words('kind', kind), [words])
  const paths = useMemo(
    () => [...(to?.paths ?? []).slice(0, DRAWN), ...(from?.paths ?? []).slice(0, DRAWN)],
    [to, from],
  )
  const graph = useMemo(() => surroundings(of, paths, kindName), [of, paths, kindName])
  const more = of.moreNeighbours
  return (
    <div className={css.detail}>
      <LayeredGraph
        graph={graph}
        label={`${nameOf(of)} with its neighbours and attack paths as a graph`}
        center={of.id}
        node={(it) => <NodeLink node={it} />}
      />
      <p className={css.text}>
        Thick lines are steps of attack paths, thin ones how resources belong together.
        {more > 0 ? ` ${counted(more, 'further neighbour is', 'further neighbours are')} not drawn.` : ''}
      </p>
      <BothWays id={of.id} />
      <Section title="Neighbours">
        {of.neighbours.length === 0 ? (
          <p className={css.text}>Nothing is connected to it.</p>
        ) : (
          <ul className={css.plainList}>
            {of.neighbours.slice(0, LISTED).map((it) => (
              <li key={`${it.outgoing} ${it.edge} ${it.id}`}>
                <code>
                  {it.outgoing ? '' : '← '}
                  {it.edge}
                  {it.outgoing ? ' →' : ''}
                </code>
                <KindIcon kind={it.kind} />
                <Link to="/inventory/$id" params={{ id: it.id }} plain title={it.id}>
                  {nameOf(it)}
                </Link>
                <span className={css.quiet}>{kindName(it.kind)}</span>
              </li>
            ))}
          </ul>
        )}
        {of.neighbours.length > LISTED || more > 0 ? (
          <Link to="/inventory/$id" params={{ id: of.id }} search={{ tab: 'neighbours' }}>
            All {count(of.neighbours.length + more)} neighbours
          </Link>
        ) : null}
      </Section>
    </div>
  )
}

/** Paths that are drawn in each direction, the worst of them: more would be a hairball. */
const DRAWN = 20

/** Neighbours that are listed; the page of the resource has all. */
const LISTED = 20
