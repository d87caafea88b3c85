import type { Column } from '#/table/columns'
import { CloudIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Badge } from '#/ui/parts'
import { Severity } from '#/ui/Severity'
import { count } from '#/util/format'
import { type CheckLine, valuesOf } from './checks'

/** The columns of the list of checks. */
export function checkColumns(controlName: (id: string) => string): readonly Column<CheckLine>[] {
  return [
    {
      key: 'title',
      title: 'Check',
      width: 240,
      grow: true,
      sort: 'title',
      card: 'title',
      cell: (it) => (
        <Link to="/content/checks/$check" params={{ check: it.id }} plain>
          {it.title}
        </Link>
      ),
    },
    {
      key: 'severity',
      title: 'Severity',
      width: 104,
      sort: 'severity',
      card: 'mark',
      cell: (it) => <Severity value={it.severity} />,
    },
    {
      key: 'cloud',
      title: 'Cloud',
      width: 60,
      cell: (it) => valuesOf(it, 'cloud').map((cloud) => <CloudIcon key={cloud} cloud={cloud} />),
    },
    {
      key: 'id',
      title: 'Id',
      width: 220,
      sort: 'id',
      card: 'line',
      cell: (it) => <code>{it.id}</code>,
    },
    { key: 'control', title: 'Control', width: 200, hidden: true, cell: (it) => controlName(it.control) },
    {
      key: 'state',
      title: 'Signs',
      width: 92,
      cell: (it) => (
        <>
          {it.own ? <Badge>yours</Badge> : null} {it.status === 'stable' ? null : <Badge>{it.status}</Badge>}
        </>
      ),
    },
    {
      key: 'cases',
      title: 'Cases',
      width: 64,
      end: true,
      cell: (it) => count(it.cases),
    },
    { key: 'kinds', title: 'Kinds', width: 200, hidden: true, cell: (it) => it.kinds.join(', ') },
    { key: 'standards', title: 'Standards', width: 200, hidden: true, cell: (it) => it.standards.join(', ') },
    {
      key: 'techniques',
      title: 'Techniques',
      width: 140,
      hidden: true,
      cell: (it) => it.techniques.join(', '),
    },
  ]
}
