import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { kindsQuery } from '#/api/queries/resources'
import type { Column } from '#/table/columns'
import { sorted, useList } from '#/table/source'
import { Table } from '#/table/Table'
import { KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { count } from '#/util/format'

const columns: readonly Column<Schemas['KindLine']>[] = [
  {
    key: 'title',
    title: 'Kind',
    width: 260,
    grow: true,
    card: 'title',
    cell: (it) => (
      <>
        <KindIcon kind={it.id} /> {it.title}
      </>
    ),
  },
  { key: 'id', title: 'Id', width: 260, card: 'line', cell: (it) => <code>{it.id}</code> },
  { key: 'native', title: 'The cloud calls it', width: 300, cell: (it) => <code>{it.native}</code> },
  { key: 'labels', title: 'Labels in queries', width: 200, cell: (it) => it.labels.join(', ') },
  {
    key: 'checks',
    title: 'Checks',
    width: 88,
    end: true,
    cell: (it) =>
      it.checks === 0 ? (
        '0'
      ) : (
        <Link to="/content" search={{ kind: [it.id] }} plain>
          {count(it.checks)}
        </Link>
      ),
  },
]

/** All kinds of resources that are described; each leads to its resources. */
export function KindsTab({ q }: { q: string }) {
  const asked = useQuery(kindsQuery)
  const navigate = useNavigate()
  const rows = useMemo(() => {
    const words = q.toLowerCase().split(/\s+/)
    const found = asked.data?.filter((it) => {
      const text = `${it.title} ${it.id} ${it.native}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    return found === undefined ? undefined : sorted(found, (it) => it.id)
  }, [asked.data, q])
  return (
    <Table
      name="kinds"
      label="Kinds of resources"
      noun={['kind', 'kinds']}
      columns={columns}
      source={useList({ ...asked, data: rows })}
      id={(it) => it.id}
      onOpen={(it) => void navigate({ to: '/inventory', search: { kind: [it.id] } })}
    />
  )
}
