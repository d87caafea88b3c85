// The columns of the list of recommendations.
import type { Schemas } from '#/api/client'
import { Gain } from '#/components/Gain'
import { Since } from '#/components/Since'
import type { Column } from '#/table/columns'
import { CloudIcon, cloudName } from '#/ui/glyphs'
import { ShieldDismissRegular } from '#/ui/icons'
import { Link } from '#/ui/Link'
import { Badge } from '#/ui/parts'
import { Severity, severities, severityWord, Verdict } from '#/ui/Severity'
import { count } from '#/util/format'
import css from './recommendations.module.css'

type Line = Schemas['Recommendation']

/** What sets a recommendation apart beside its severity, each as a small sign with its words. */
function Marks({ of }: { of: Line }) {
  return (
    <span className={css.marks}>
      {of.counted.unknown > 0 ? (
        <span title={`${count(of.counted.unknown)} could not be judged: something was not collected`}>
          <Verdict value="unknown" quiet /> {count(of.counted.unknown)}
        </span>
      ) : null}
      {of.exempt > 0 ? (
        <span title={`${count(of.exempt)} exempted`}>
          <ShieldDismissRegular aria-label="exempted" /> {count(of.exempt)}
        </span>
      ) : null}
      {of.scored ? null : <Badge title="It counts in no score before it is stable">not scored</Badge>}
    </span>
  )
}

/** The highest risk of what is open; how many there are of each on hover. */
function RiskHere({ of }: { of: Line }) {
  if (of.risk === undefined || of.risk === null) return <span aria-label="Nothing is open">–</span>
  const each = severities
    .filter((it) => of.byRisk[it] > 0)
    .map((it) => `${count(of.byRisk[it])} ${severityWord(it).toLowerCase()}`)
  return (
    <span title={`Risk of what is open: ${each.join(', ')}`}>
      <Severity value={of.risk} />
    </span>
  )
}

/** The columns; titles of controls come from elsewhere. */
export function recommendationColumns(controlName: (id: string) => string): readonly Column<Line>[] {
  return [
    {
      key: 'risk',
      title: 'Risk',
      width: 92,
      sort: 'risk',
      card: 'mark',
      cell: (it) => <RiskHere of={it} />,
    },
    {
      key: 'severity',
      title: 'Severity',
      width: 92,
      sort: 'urgency',
      cell: (it) => <Severity value={it.severity} />,
    },
    {
      key: 'title',
      title: 'Recommendation',
      width: 260,
      grow: true,
      sort: 'title',
      card: 'title',
      cell: (it) => (
        <Link to="/recommendations/$check" params={{ check: it.id }} plain>
          {it.title}
        </Link>
      ),
    },
    {
      key: 'open',
      title: 'Open',
      width: 88,
      end: true,
      sort: 'unhealthy',
      reverse: true,
      card: 'line',
      cell: (it) => (
        <Link
          to="/inventory"
          search={{ check: [it.id], state: ['unhealthy'] }}
          plain
          title={`${count(it.counted.unhealthy)} of ${count(it.counted.unhealthy + it.counted.healthy)} judged resources`}
        >
          {count(it.counted.unhealthy)} of {count(it.counted.unhealthy + it.counted.healthy)}
        </Link>
      ),
    },
    {
      key: 'gain',
      title: 'Points',
      width: 72,
      end: true,
      card: 'line',
      cell: (it) => (
        <Link
          to="/score"
          search={{ fix: [it.id] }}
          plain
          title="Points of 100 that the score gains if all of it is mended"
        >
          <Gain points={it.gain} />
        </Link>
      ),
    },
    {
      key: 'cloud',
      title: 'Cloud',
      width: 64,
      cell: (it) => <CloudIcon cloud={it.cloud} />,
    },
    { key: 'marks', title: 'Signs', width: 116, card: 'line', cell: (it) => <Marks of={it} /> },
    {
      key: 'control',
      title: 'Control',
      width: 200,
      cell: (it) => (
        <Link to="/score" search={{ control: it.control }} plain>
          {controlName(it.control)}
        </Link>
      ),
    },
    { key: 'since', title: 'Open since', width: 112, cell: (it) => <Since commit={it.since} /> },
    { key: 'id', title: 'Check', width: 240, hidden: true, cell: (it) => <code>{it.id}</code> },
    { key: 'service', title: 'Service', width: 120, hidden: true, cell: (it) => it.category },
    {
      key: 'cloudName',
      title: 'Name of the cloud',
      width: 140,
      hidden: true,
      cell: (it) => cloudName(it.cloud),
    },
  ]
}
