// What Merlon looks at: the scopes with what was read in them, and the way in for more.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { scopesQuery } from '#/api/queries/scopes'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Bar } from '#/ui/Bar'
import { CloudIcon, cloudName } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState } from '#/ui/states'
import { count, counted, point } from '#/util/format'
import css from './environments.module.css'
import { Gaps } from './Gaps'
import { ImportCard } from './ImportCard'

type Scope = Schemas['Scope']

export function EnvironmentsPage() {
  const scope = useSearch({ from: '__root__', select: (it) => it.scope })
  const scopes = useQuery(scopesQuery)
  const navigate = useNavigate()
  const items = scopes.data?.items
  const source = useList<Scope>({
    data: items,
    isPending: scopes.isPending,
    error: scopes.error,
    refetch: scopes.refetch,
  })
  const columns = useMemo(scopeColumns, [])
  return (
    <Page title="Environments" sentence={<Sentence scopes={items} />}>
      <ImportCard />
      {items === undefined || items.length === 0 ? null : <Gaps scope={scope} />}
      <Table
        name="scopes"
        label="Scopes"
        noun={['scope', 'scopes']}
        columns={columns}
        source={source}
        id={(it) => it.id}
        rows={24}
        main
        onOpen={(it) => void navigate({ to: '/inventory', search: { scope: it.id } })}
        download={{ path: '/api/v1/scopes', query: {}, file: 'scopes' }}
        empty={
          <EmptyState title="Nothing is read yet">
            Import an export of a cloud above. What it holds stands here then: subscriptions, accounts,
            projects and clusters, each with what is known about it.
          </EmptyState>
        }
      />
    </Page>
  )
}

/** What a person would say about all scopes together. */
function Sentence({ scopes }: { scopes: readonly Scope[] | undefined }) {
  if (scopes === undefined) return ' '
  const top = scopes.filter((it) => it.depth === 0)
  const resources = top.reduce((sum, it) => sum + it.resources, 0)
  const named = scopes.filter((it) => it.resources === 0).length
  return (
    <>
      {counted(resources, 'resource')} in {counted(top.length, 'environment')}
      {named === 0
        ? '.'
        : `; ${counted(named, 'scope')} ${named === 1 ? 'is' : 'are'} named by others, but nothing was read there.`}
    </>
  )
}

function scopeColumns(): readonly Column<Scope>[] {
  return [
    {
      key: 'name',
      title: 'Scope',
      width: 280,
      grow: true,
      card: 'title',
      cell: (it) => (
        <span className={css.scope} style={{ paddingInlineStart: it.depth * 16 }}>
          <CloudIcon cloud={it.cloud} />
          <Link to="/inventory" search={{ scope: it.id }} plain title={it.id}>
            {it.name}
          </Link>
        </span>
      ),
    },
    {
      key: 'resources',
      title: 'Resources',
      width: 130,
      end: true,
      card: 'line',
      cell: (it) =>
        it.resources === 0 ? (
          <span className={css.quiet}>not read</span>
        ) : (
          <Link to="/inventory" search={{ scope: it.id }} plain>
            {counted(it.resources, 'resource')}
          </Link>
        ),
    },
    {
      key: 'unhealthy',
      title: 'Unhealthy',
      width: 100,
      end: true,
      cell: (it) => (
        <Link to="/inventory" search={{ scope: it.id, state: ['unhealthy'] }} plain>
          {count(it.unhealthy)}
        </Link>
      ),
    },
    {
      key: 'unknown',
      title: 'Unknown',
      width: 90,
      end: true,
      cell: (it) => (
        <Link to="/inventory" search={{ scope: it.id, state: ['unknown'] }} plain>
          {count(it.unknown)}
        </Link>
      ),
    },
    {
      key: 'assessed',
      title: 'Could be judged',
      width: 180,
      cell: (it) =>
        it.score === undefined || it.score === null ? (
          <span className={css.quiet}>–</span>
        ) : (
          <span className={css.share}>
            <Bar
              part={it.score.assessedPercent}
              whole={100}
              label={`Percent of ${it.name} that could be judged`}
            />
          </span>
        ),
    },
    {
      key: 'score',
      title: 'Score',
      width: 80,
      end: true,
      card: 'mark',
      cell: (it) =>
        it.score === undefined || it.score === null ? (
          <span className={css.quiet}>–</span>
        ) : (
          `${point(it.score.percent)} %`
        ),
    },
    { key: 'cloud', title: 'Cloud', width: 110, hidden: true, cell: (it) => cloudName(it.cloud) },
    { key: 'id', title: 'Id', width: 280, hidden: true, cell: (it) => it.id },
  ]
}
