// What people decided not to count, for how long, and why.
import { Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { exemptionsQuery } from '#/api/queries/posture'
import { useControlName } from '#/components/names'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { SearchField } from '#/components/SearchField'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Badge } from '#/ui/parts'
import { EmptyState } from '#/ui/states'
import { Time } from '#/ui/Time'
import { count, counted } from '#/util/format'
import { ExemptionPanel } from './ExemptionPanel'
import css from './exemptions.module.css'
import { fitting, placeOf, stateOf, targetOf } from './lines'
import { type ExemptionState, type ExemptionsSearch, exemptionsSearch, states } from './search'
import { Target, Where } from './words'

type Line = Schemas['Exemption']

export const stateWords: Record<ExemptionState, string> = {
  active: 'Active',
  ending: 'Ends within two weeks',
  ended: 'Ended',
}

function columnsOf(now: number): readonly Column<Line>[] {
  return [
    {
      key: 'target',
      title: 'What',
      width: 280,
      grow: true,
      card: 'title',
      cell: (it) => <Target of={it.target} />,
    },
    { key: 'where', title: 'Where', width: 220, card: 'line', cell: (it) => <Where of={it.place} /> },
    {
      key: 'category',
      title: 'Counts as',
      width: 104,
      cell: (it) => <Badge>{it.category === 'waiver' ? 'waiver' : 'mitigated'}</Badge>,
    },
    { key: 'reason', title: 'Why', width: 220, cell: (it) => <span title={it.reason}>{it.reason}</span> },
    { key: 'by', title: 'Decided by', width: 120, cell: (it) => it.approver },
    { key: 'from', title: 'Since', width: 112, cell: (it) => <Time at={it.from} /> },
    {
      key: 'until',
      title: 'Ends',
      width: 132,
      card: 'mark',
      cell: (it) =>
        !it.active ? (
          <Badge>ended</Badge>
        ) : it.until === undefined || it.until === null ? (
          'no end'
        ) : (
          <span className={stateOf(it, now) === 'ending' ? css.soon : undefined}>
            <Time at={it.until} />
          </span>
        ),
    },
  ]
}

export function ExemptionsPage() {
  const search = useSearch({ from: '/exemptions' })
  const navigate = useNavigate()
  const go = (next: ExemptionsSearch, replace = false) =>
    void navigate({ to: '/exemptions', search: next, replace })
  const asked = useQuery(exemptionsQuery)
  const [now] = useState(Date.now)
  const all = asked.data?.items
  const rows = useMemo(() => (all === undefined ? undefined : fitting(all, search, now)), [all, search, now])
  const columns = useMemo(() => columnsOf(now), [now])
  const source = useList({ ...asked, data: rows })
  const opened = all?.find((it) => it.number === search.open)
  return (
    <Page title="Exemptions" sentence={all === undefined ? '' : <Sentence all={all} now={now} />} fill>
      <div className={css.bar}>
        <TabList
          size="small"
          selectedValue={search.state ?? 'all'}
          onTabSelect={(_, { value }) =>
            go(exemptionsSearch({ ...search, state: states.find((it) => it === value), open: undefined }))
          }
        >
          <Tab value="all">All</Tab>
          {states.map((it) => (
            <Tab key={it} value={it}>
              {stateWords[it]}
            </Tab>
          ))}
        </TabList>
        <SearchField
          value={search.q ?? ''}
          label="Find exemptions"
          placeholder="Check, resource, reason, person"
          onChange={(q) => go(exemptionsSearch({ ...search, q }), true)}
        />
      </div>
      <Table
        name="exemptions"
        label="Exemptions"
        noun={['exemption', 'exemptions']}
        columns={columns}
        source={source}
        id={(it) => String(it.number)}
        opened={search.open === undefined ? undefined : String(search.open)}
        onOpen={(it, follows) => go({ ...search, open: it.number }, follows)}
        empty={<Empty isAll={all?.length === 0} />}
      />
      {opened === undefined ? null : (
        <ExemptionPanel
          of={opened}
          state={stateOf(opened, now)}
          close={() => go(exemptionsSearch({ ...search, open: undefined }))}
        />
      )}
    </Page>
  )
}

function Empty({ isAll }: { isAll: boolean }) {
  if (!isAll)
    return <EmptyState title="No exemption fits">Clear the words, or choose another state.</EmptyState>
  return (
    <EmptyState
      title="Nothing is exempted"
      action={<Link to="/recommendations">To the recommendations</Link>}
    >
      Where a problem is accepted or taken care of elsewhere, exempt it on its recommendation or resource: it
      then does not count until the day that you choose, and stands here with its reason.
    </EmptyState>
  )
}

function Sentence({ all, now }: { all: readonly Line[]; now: number }) {
  const controlName = useControlName()
  const active = all.filter((it) => it.active)
  const next = active
    .filter((it) => it.until !== undefined && it.until !== null)
    .sort((a, b) => Date.parse(a.until ?? '') - Date.parse(b.until ?? ''))[0]
  const endless = active.filter((it) => it.until === undefined || it.until === null).length
  if (active.length === 0) return 'Nothing is exempted now: every verdict counts as it was judged.'
  const target = next === undefined ? {} : targetOf(next.target)
  const place = next === undefined ? {} : placeOf(next.place)
  return (
    <>
      {counted(active.length, 'exemption')} {active.length === 1 ? 'counts' : 'count'} now
      {endless > 0 ? `, ${count(endless)} of them without an end` : ''}.
      {next?.until === undefined || next.until === null || Date.parse(next.until) < now ? null : (
        <>
          {' '}
          The next to end is{' '}
          <Link to="/exemptions" search={{ open: next.number }}>
            {target.check ?? (target.control === undefined ? 'everything' : controlName(target.control))}
            {place.resource === undefined ? '' : ' on one resource'}
          </Link>
          , <Time at={next.until} />.
        </>
      )}
    </>
  )
}
