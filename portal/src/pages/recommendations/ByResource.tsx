// The same seen from the resources: which of them have the most open.
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { type ResourceFilter, resourcePage } from '#/api/queries/resources'
import { OpenCounts } from '#/components/marks'
import { useScopeName } from '#/components/names'
import { ResourceLink } from '#/components/ResourceLink'
import type { Column } from '#/table/columns'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { CloudIcon } from '#/ui/glyphs'
import { EmptyState } from '#/ui/states'
import { present } from '#/util/search'
import type { RecommendationsSearch } from './search'

function columnsOf(scopeName: (id: string) => string): readonly Column<Schemas['Resource']>[] {
  return [
    {
      key: 'name',
      title: 'Resource',
      width: 260,
      grow: true,
      sort: 'name',
      card: 'title',
      cell: (it) => <ResourceLink id={it.id} name={it.name} kind={it.kind} />,
    },
    {
      key: 'kind',
      title: 'Kind',
      width: 200,
      sort: 'kind',
      card: 'line',
      cell: (it) => it.kindTitle ?? it.kind,
    },
    { key: 'cloud', title: 'Cloud', width: 64, cell: (it) => <CloudIcon cloud={it.cloud} /> },
    { key: 'scope', title: 'Scope', width: 200, card: 'line', cell: (it) => scopeName(it.scope) },
    {
      key: 'open',
      title: 'Open',
      width: 200,
      sort: 'severity',
      card: 'mark',
      cell: (it) => <OpenCounts counts={it.open} />,
    },
  ]
}

/** Resources with something open, the worst first. Filters that only recommendations have do not count here. */
export function ByResource({ search, scope }: { search: RecommendationsSearch; scope: string | undefined }) {
  const navigate = useNavigate()
  const scopeName = useScopeName()
  const columns = useMemo(() => columnsOf(scopeName), [scopeName])
  const filter: ResourceFilter = present({
    q: search.q,
    severity: search.severity,
    cloud: search.cloud,
    state: ['unhealthy' as const],
    scope: scope === undefined ? undefined : [scope],
    sort: 'severity' as const,
  })
  const source = useKeyset<Schemas['Faceted_Resource']>({
    key: ['list_resources', filter],
    page: (cursor, limit, signal) => resourcePage(filter, cursor, limit, signal),
  })
  return (
    <Table
      name="recommendations-by-resource"
      label="Resources with open recommendations"
      noun={['resource', 'resources']}
      columns={columns}
      source={source}
      id={(it) => it.id}
      onOpen={(it) => void navigate({ to: '/inventory/$id', params: { id: it.id } })}
      download={{ path: '/api/v1/resources', query: { ...filter }, file: 'resources-with-recommendations' }}
      empty={
        <EmptyState title="No resource fits">No resource has anything open under these filters.</EmptyState>
      }
    />
  )
}
