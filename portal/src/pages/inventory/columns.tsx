// The columns of the inventory.
import type { Schemas } from '#/api/client'
import { OpenCounts, Tags } from '#/components/marks'
import { Crown } from '#/components/Crown'
import type { Column } from '#/table/columns'
import { CloudIcon, KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Verdict } from '#/ui/Severity'
import css from './inventory.module.css'

export type Resource = Schemas['Resource']

/** The last part of an id, for places where only its own name fits. */
export function shortName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1) || id
}

/** The kind of a resource: its name, or its native type with a word that Merlon has no description of it. */
export function KindName({ resource }: { resource: Pick<Resource, 'cloud' | 'kind' | 'kindTitle'> }) {
  const title = resource.kindTitle ?? null
  return (
    <span
      className={css.kind}
      title={title === null ? `${resource.kind}: Merlon has no description of this kind` : resource.kind}
    >
      <CloudIcon cloud={resource.cloud} />
      <KindIcon kind={resource.kind} />
      <span className={css.cut}>{title ?? resource.kind}</span>
      {title === null ? <span className={css.unknown}>not described</span> : null}
    </span>
  )
}

/** `scopeName` names a scope for people. */
export function inventoryColumns(scopeName: (id: string) => string): readonly Column<Resource>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      width: 220,
      grow: true,
      sort: 'name',
      card: 'title',
      cell: (it) => (
        <span className={css.line}>
          <Link to="/inventory/$id" params={{ id: it.id }} plain title={it.id} className={css.cut}>
            {it.name === '' ? shortName(it.id) : it.name}
          </Link>
          <Crown of={it} quiet />
        </span>
      ),
    },
    {
      key: 'open',
      title: 'Open',
      width: 160,
      sort: 'severity',
      down: true,
      card: 'line',
      cell: (it) => <OpenCounts counts={it.open} />,
    },
    {
      key: 'kind',
      title: 'Kind',
      width: 220,
      sort: 'kind',
      card: 'line',
      cell: (it) => <KindName resource={it} />,
    },
    { key: 'state', title: 'State', width: 120, card: 'mark', cell: (it) => <Verdict value={it.state} /> },
    {
      key: 'scope',
      title: 'Account',
      width: 160,
      cell: (it) => <span title={it.scope}>{scopeName(it.scope)}</span>,
    },
    {
      key: 'home',
      title: 'Lies in',
      width: 180,
      hidden: true,
      cell: (it) => <span title={it.home}>{scopeName(it.home)}</span>,
    },
    {
      key: 'region',
      title: 'Region',
      width: 120,
      cell: (it) => it.region || <span className={css.quiet}>–</span>,
    },
    {
      key: 'criticality',
      title: 'Criticality',
      width: 120,
      sort: 'criticality',
      down: true,
      hidden: true,
      cell: (it) => <Crown of={it} />,
    },
    { key: 'tags', title: 'Tags', width: 240, cell: (it) => <Tags tags={it.tags} /> },
    {
      key: 'exempt',
      title: 'Exempt',
      width: 90,
      hidden: true,
      cell: (it) => (it.exempt ? 'In part' : <span className={css.quiet}>–</span>),
    },
    {
      key: 'id',
      title: 'Id',
      width: 360,
      hidden: true,
      sort: 'id',
      cell: (it) => (
        <code className={css.code} title={it.id}>
          {it.id}
        </code>
      ),
    },
  ]
}
