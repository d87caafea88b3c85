// Where an affected resource stands: its neighbours, and the attack paths that lead through it.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { type AttackPath, attackPathsQuery } from '#/api/queries/attack'
import { resourceQuery } from '#/api/queries/resources'
import { markOf } from '#/pages/attack-paths/rows'
import { likelihoodWord, nameOf, riskOf } from '#/pages/attack-paths/words'
import { NodeLink } from '#/pages/inventory/NodeLink'
import { useWords } from '#/pages/inventory/use-facets'
import { LayeredGraph } from '#/ui/graph/LayeredGraph'
import { KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Section } from '#/ui/parts'
import { Severity } from '#/ui/Severity'
import { ErrorState, Loading, Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './recommendations.module.css'
import { passes, surroundings } from './surroundings'

export function GraphTab({ id }: { id: string }) {
  const asked = useQuery(resourceQuery(id))
  return <Shown of={asked}>{(resource) => <Around key={id} of={resource} />}</Shown>
}

function Around({ of }: { of: Schemas['ResourceDetail'] }) {
  const paths = useQuery({ ...attackPathsQuery({}), retry: false })
  const words = useWords()
  const kindName = useCallback((kind: string) => words('kind', kind), [words])
  const through = useMemo(
    () => paths.data?.paths.filter((it) => passes(it, of.id)) ?? [],
    [paths.data, of.id],
  )
  const graph = useMemo(() => surroundings(of, through, kindName), [of, through, kindName])
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
      <Section title="Attack paths through it" aside="From the internet and what has leaked to what matters">
        {paths.data === undefined ? (
          paths.isPending ? (
            <Loading rows={3} />
          ) : (
            <ErrorState error={paths.error} retry={() => void paths.refetch()} />
          )
        ) : (
          <Through of={through} id={of.id} complete={paths.data.complete} />
        )}
      </Section>
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

/** Neighbours that are listed; the page of the resource has all. */
const LISTED = 20

/** The paths, the worst first as the server says it. */
export function Through(props: { of: readonly AttackPath[]; id: string; complete: boolean }) {
  const { of, id, complete } = props
  return (
    <>
      {of.length === 0 ? (
        <p className={css.text}>
          {complete
            ? 'None of the attack paths to what matters leads through it.'
            : 'None of the attack paths that were found leads through it; not everything could be judged.'}
        </p>
      ) : (
        <ul className={css.plainList}>
          {of.map((it) => (
            <li key={markOf(it)}>
              <Severity value={riskOf(it.risk)} />
              <Link to="/attack-paths" search={{ path: markOf(it) }}>
                {nameOf(it.entry)} → {nameOf(it.target)}
              </Link>
              <span className={css.quiet}>
                {counted(it.steps.length, 'step')}, {likelihoodWord(it.likelihood).toLowerCase()}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Link to="/inventory/$id" params={{ id }} search={{ tab: 'paths' }}>
        All ways to it, and from it
      </Link>
    </>
  )
}
