import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { controlsQuery } from '#/api/queries/posture'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Link } from '#/ui/Link'
import { count, point } from '#/util/format'

const columns: readonly Column<Schemas['ControlText']>[] = [
  {
    key: 'title',
    title: 'Control',
    width: 240,
    card: 'title',
    cell: (it) => (
      <Link to="/score" search={{ control: it.id }} plain>
        {it.title}
      </Link>
    ),
  },
  { key: 'points', title: 'Points', width: 80, end: true, card: 'mark', cell: (it) => point(it.points) },
  {
    key: 'checks',
    title: 'Checks',
    width: 80,
    end: true,
    card: 'line',
    cell: (it) => (
      <Link to="/content" search={{ control: [it.id] }} plain>
        {count(it.checks.length)}
      </Link>
    ),
  },
  {
    key: 'about',
    title: 'About',
    width: 300,
    grow: true,
    cell: (it) => <span title={it.description}>{it.description}</span>,
  },
]

/** The groups of checks that are worth points. */
export function ControlsTab({ q }: { q: string }) {
  const asked = useQuery(controlsQuery)
  const navigate = useNavigate()
  const rows = useMemo(() => {
    const words = q.toLowerCase().split(/\s+/)
    return asked.data?.filter((it) => {
      const text = `${it.title} ${it.id} ${it.description}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
  }, [asked.data, q])
  return (
    <Table
      name="controls"
      label="Controls"
      noun={['control', 'controls']}
      columns={columns}
      source={useList({ ...asked, data: rows })}
      id={(it) => it.id}
      onOpen={(it) => void navigate({ to: '/score', search: { control: it.id } })}
    />
  )
}
