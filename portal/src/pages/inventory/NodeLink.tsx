// A resource in a graph.
import { Criticality } from '#/ui/Criticality'
import { KindIcon } from '#/ui/glyphs'
import type { GraphNode } from '#/ui/graph/layout'
import { Link } from '#/ui/Link'
import css from './resource.module.css'

/** What stands in a node: the name over the kind. A group of nodes is no link. */
export function NodeLink({ node }: { node: GraphNode }) {
  const words = (
    <>
      <KindIcon kind={node.group} />
      <span className={css.node}>
        <span className={css.name}>{node.name}</span>
        {node.what === undefined ? null : <span className={css.what}>{node.what}</span>}
      </span>
      {node.crown === undefined ? null : <Criticality value={node.crown} quiet />}
    </>
  )
  if (node.what === undefined) return <span className={css.link}>{words}</span>
  return (
    <Link to="/inventory/$id" params={{ id: node.id }} plain className={css.link} title={node.id}>
      {words}
    </Link>
  )
}
