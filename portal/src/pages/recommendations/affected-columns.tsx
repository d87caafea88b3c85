import type { Schemas } from '#/api/client'
import { OpenCounts } from '#/components/marks'
import { RiskLevel } from '#/components/Risk'
import { ResourceLink } from '#/components/ResourceLink'
import { Since } from '#/components/Since'
import type { Column } from '#/table/columns'
import { Link } from '#/ui/Link'
import { Badge } from '#/ui/parts'
import { counted } from '#/util/format'

type Line = Schemas['Assessment']

/** How an assessment counts besides its verdict: exempted, or back after it had been mended. */
function State({ of }: { of: Line }) {
  return (
    <>
      {of.exemption === undefined || of.exemption === null ? null : (
        <Link to="/exemptions" search={{ open: of.exemption.number }} plain>
          <Badge>{of.exemption.category === 'waiver' ? 'waiver' : 'mitigated'}</Badge>
        </Link>
      )}{' '}
      {of.reopened > 0 ? <Badge title={`Reopened ${counted(of.reopened, 'time')}`}>reopened</Badge> : null}
    </>
  )
}

/** The columns of the resources that a check judged. */
export function affectedColumns(scopeName: (id: string) => string): readonly Column<Line>[] {
  return [
    {
      key: 'resource',
      title: 'Resource',
      width: 200,
      grow: true,
      card: 'title',
      cell: (it) => <ResourceLink id={it.resource.id} name={it.resource.name} kind={it.resource.kind} />,
    },
    {
      key: 'risk',
      title: 'Risk',
      width: 92,
      card: 'line',
      cell: (it) => <RiskLevel of={it.risk} />,
    },
    { key: 'scope', title: 'Scope', width: 132, card: 'line', cell: (it) => scopeName(it.resource.scope) },
    { key: 'state', title: 'State', width: 92, card: 'mark', cell: (it) => <State of={it} /> },
    {
      key: 'open',
      title: 'All open',
      width: 120,
      hidden: true,
      cell: (it) => <OpenCounts counts={it.resource.open} />,
    },
    { key: 'since', title: 'Since', width: 104, card: 'line', cell: (it) => <Since commit={it.since} /> },
    { key: 'region', title: 'Region', width: 110, hidden: true, cell: (it) => it.resource.region },
  ]
}
