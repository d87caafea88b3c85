import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { useScopeName } from '#/components/names'
import type { Column } from '#/table/columns'
import { sorted, useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Bar } from '#/ui/Bar'
import { Link } from '#/ui/Link'
import { count, point } from '#/util/format'

type Line = Schemas['ScopeOfScore']

function columnsOf(scopeName: (id: string) => string): readonly Column<Line>[] {
  return [
    {
      key: 'scope',
      title: 'Scope',
      width: 220,
      grow: true,
      card: 'title',
      cell: (it) => (
        <Link to="/score" search={{ scope: it.scope }} plain title={it.scope}>
          {scopeName(it.scope)}
        </Link>
      ),
    },
    {
      key: 'bar',
      title: 'Earned',
      width: 140,
      cell: (it) => (
        <Bar part={Math.round(it.score?.percent ?? 0)} whole={100} label="Secure score in percent" />
      ),
    },
    {
      key: 'percent',
      title: 'Score',
      width: 88,
      end: true,
      card: 'mark',
      cell: (it) => (it.score ? `${point(it.score.percent)} %` : 'no score'),
    },
    {
      key: 'points',
      title: 'Points',
      width: 112,
      end: true,
      card: 'line',
      cell: (it) => (it.score ? `${point(it.score.current)} / ${point(it.score.max)}` : '–'),
    },
    {
      key: 'assessed',
      title: 'Judged',
      width: 88,
      end: true,
      cell: (it) => (it.score ? `${point(it.score.assessedPercent)} %` : '–'),
    },
    { key: 'weight', title: 'Weight', width: 80, end: true, card: 'line', cell: (it) => count(it.weight) },
  ]
}

/** The scores that the one above is made of, the worst first. */
export function Scopes({ of }: { of: readonly Line[] }) {
  const scopeName = useScopeName()
  const navigate = useNavigate()
  const columns = useMemo(() => columnsOf(scopeName), [scopeName])
  const rows = useMemo(() => sorted(of, (it) => it.score?.percent), [of])
  return (
    <Table
      name="score-scopes"
      label="Scores by scope"
      noun={['scope', 'scopes']}
      columns={columns}
      source={useList({ data: rows })}
      id={(it) => it.scope}
      onOpen={(it) => void navigate({ to: '/score', search: { scope: it.scope } })}
      rows={14}
    />
  )
}
