// All that checks say of a resource; one of them opens beside with its proof.
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { RiskLevel } from '#/components/Risk'
import { Since } from '#/components/Since'
import type { Column } from '#/table/columns'
import { sorted, useList } from '#/table/source'
import { type Sort, Table } from '#/table/Table'
import { Severity, severities, Verdict, verdicts } from '#/ui/Severity'
import { SidePanel } from '#/ui/SidePanel'
import { AssessmentDetail } from './AssessmentDetail'
import css from './resource.module.css'
import type { ResourceSearch } from './resource-search'

type Assessment = Schemas['Assessment']

const columns: readonly Column<Assessment>[] = [
  {
    key: 'title',
    title: 'Check',
    width: 320,
    grow: true,
    sort: 'title',
    card: 'title',
    cell: (it) => <span title={it.check}>{it.title}</span>,
  },
  {
    key: 'risk',
    title: 'Risk',
    width: 104,
    sort: 'risk',
    card: 'line',
    cell: (it) => <RiskLevel of={it.risk} />,
  },
  {
    key: 'severity',
    title: 'Severity',
    width: 110,
    sort: 'severity',
    card: 'line',
    cell: (it) => <Severity value={it.severity} />,
  },
  {
    key: 'verdict',
    title: 'Verdict',
    width: 150,
    sort: 'verdict',
    card: 'mark',
    cell: (it) => <Verdict value={it.verdict} />,
  },
  {
    key: 'counts',
    title: 'Counts as',
    width: 130,
    cell: (it) =>
      (it.countsAs ?? it.verdict) === it.verdict ? (
        <span className={css.quiet}>–</span>
      ) : (
        <span title={`Exemption ${it.exemption?.number ?? ''}`}>
          {it.countsAs === null || it.countsAs === undefined ? 'not at all' : <Verdict value={it.countsAs} />}
        </span>
      ),
  },
  {
    key: 'since',
    title: 'Since',
    width: 120,
    sort: 'since',
    card: 'line',
    cell: (it) => <Since commit={it.since} />,
  },
  {
    key: 'why',
    title: 'Why not known',
    width: 240,
    cell: (it) => <span title={it.why ?? ''}>{it.why ?? <span className={css.quiet}>–</span>}</span>,
  },
]

const idOf = (it: Assessment) => it.check

const values: Record<string, (it: Assessment) => string | number> = {
  title: (it) => it.title,
  // The worst first: what is wrong before what is right, and of that what is severe.
  risk: (it) => (it.risk === undefined || it.risk === null ? 9 : severities.indexOf(it.risk.level)),
  severity: (it) => severities.indexOf(it.severity),
  verdict: (it) => verdicts.indexOf(it.verdict) * 10 + severities.indexOf(it.severity),
  since: (it) => it.since,
}

export function AssessmentsTab(props: {
  resource: Schemas['ResourceDetail']
  check: string | undefined
  go: (to: ResourceSearch) => void
}) {
  const { resource, check, go } = props
  const [sort, setSort] = useState<Sort>({ by: 'verdict', reverse: false })
  const rows = useMemo(
    () => sorted(resource.assessments, values[sort.by] ?? idOf, sort.reverse),
    [resource.assessments, sort],
  )
  const source = useList({ data: rows })
  const shown = resource.assessments.find((it) => it.check === check)
  return (
    <>
      <Table
        name="resource-assessments"
        label="Assessments"
        noun={['assessment', 'assessments']}
        columns={columns}
        source={source}
        id={idOf}
        rows={16}
        main
        sort={sort}
        onSort={setSort}
        opened={check}
        onOpen={(it) => go({ tab: 'assessments', check: it.check })}
        download={{ path: '/api/v1/assessments', query: { resource: resource.id }, file: 'assessments' }}
      />
      {check === undefined ? null : (
        <SidePanel
          title={shown?.title ?? check}
          subtitle={check}
          focus={false}
          close={() => go({ tab: 'assessments' })}
        >
          <AssessmentDetail id={resource.id} check={check} />
        </SidePanel>
      )}
    </>
  )
}
