// Who did what: every line of the audit log, the newest first.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import type { Schemas } from '#/api/client'
import { auditPage } from '#/api/queries/work'
import type { Column } from '#/table/columns'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { Page } from '#/ui/Page'
import { SidePanel } from '#/ui/SidePanel'
import { Time } from '#/ui/Time'
import { count, instant } from '#/util/format'
import { present } from '#/util/search'
import css from './audit.module.css'
import { auditSearch, type AuditSearch } from './search'

type Line = Schemas['AuditLine']

export function AuditPage() {
  const search = useSearch({ from: '/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const source = useKeyset({ key: ['list_audit'], page: auditPage })
  const go = useCallback(
    (next: AuditSearch, replace = false) =>
      void navigate({ search: (now) => ({ ...present({ scope: now.scope }), ...next }), replace }),
    [navigate],
  )
  const newest = source.first?.items[0]
  // A line further down is known from the list alone: the one that was pressed is kept.
  const [pressed, setPressed] = useState<Line>()
  const open = [pressed, ...(source.first?.items ?? [])].find((it) => it?.sequence === search.open)
  return (
    <Page
      title="Audit"
      fill
      sentence={
        newest === undefined ? (
          ' '
        ) : (
          <>
            {count(newest.sequence)} {newest.sequence === 1 ? 'line' : 'lines'}, each chained to the one
            before; the last was written <Time at={newest.at} /> by {newest.actor}.{' '}
            <code>merlon audit verify</code> proves that none was changed.
          </>
        )
      }
    >
      <Table
        name="audit"
        label="Audit log"
        noun={['line', 'lines']}
        columns={columns}
        source={source}
        id={(it) => String(it.sequence)}
        opened={search.open === undefined ? undefined : String(search.open)}
        onOpen={(it, follows) => {
          setPressed(it)
          go({ open: it.sequence }, follows)
        }}
        download={{ path: '/api/v1/audit', query: {}, file: 'audit' }}
      />
      {open === undefined || search.open === undefined ? null : (
        <LinePanel line={open} close={() => go(auditSearch({}))} />
      )}
    </Page>
  )
}

/** What a line adds to who, what and on what, in one line of text. */
export function detailOf(line: Line): string {
  return Object.entries(line.detail)
    .filter(([, value]) => value !== '' && value !== null)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ')
}

const columns: readonly Column<Line>[] = [
  { key: 'at', title: 'When', width: 130, card: 'mark', cell: (it) => <Time at={it.at} /> },
  { key: 'actor', title: 'Who', width: 150, card: 'line', cell: (it) => it.actor },
  { key: 'action', title: 'Did what', width: 180, card: 'title', cell: (it) => it.action },
  {
    key: 'object',
    title: 'On what',
    width: 220,
    card: 'line',
    cell: (it) => <span title={it.object}>{it.object}</span>,
  },
  {
    key: 'detail',
    title: 'Detail',
    width: 260,
    grow: true,
    cell: (it) => <span title={detailOf(it)}>{detailOf(it)}</span>,
  },
  { key: 'sequence', title: 'Line', width: 80, end: true, cell: (it) => count(it.sequence) },
]

function LinePanel({ line, close }: { line: Line; close: () => void }) {
  return (
    <SidePanel title={line.action} subtitle={`Line ${count(line.sequence)}`} focus={false} close={close}>
      <dl className={css.facts}>
        <dt>When</dt>
        <dd>{instant(line.at)}</dd>
        <dt>Who</dt>
        <dd>{line.actor}</dd>
        <dt>On what</dt>
        <dd>{line.object}</dd>
        {Object.entries(line.detail).map(([key, value]) => (
          <Entry key={key} name={key} value={value} />
        ))}
      </dl>
    </SidePanel>
  )
}

function Entry({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
    </>
  )
}
