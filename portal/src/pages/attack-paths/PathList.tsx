// The paths, the worst first.
import { Crown } from '#/components/Crown'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Badge } from '#/ui/parts'
import { Time } from '#/ui/Time'
import { Severity } from '#/ui/Severity'
import { count } from '#/util/format'
import css from './attack-paths.module.css'
import type { PathRow } from './rows'
import { likelihoodWord, nameOf, riskOf } from './words'

const columns: readonly Column<PathRow>[] = [
  {
    key: 'risk',
    title: 'Risk',
    width: 100,
    card: 'mark',
    cell: (it) => <Severity value={riskOf(it.path.risk)} />,
  },
  {
    key: 'path',
    title: 'Path',
    width: 180,
    grow: true,
    card: 'title',
    cell: (it) => (
      <span className={it.state === 'cut' ? css.cut : undefined} title={it.path.target.id}>
        {nameOf(it.path.entry)} → {nameOf(it.path.target)} <Crown of={it.path.target} quiet />
      </span>
    ),
  },
  { key: 'state', title: 'State', width: 104, card: 'line', cell: (it) => <State of={it} /> },
  { key: 'since', title: 'Since', width: 128, card: 'line', cell: (it) => <Since of={it} /> },
  { key: 'steps', title: 'Steps', width: 64, end: true, cell: (it) => count(it.path.steps.length) },
  {
    key: 'likelihood',
    title: 'Likelihood',
    width: 108,
    card: 'line',
    cell: (it) => likelihoodWord(it.path.likelihood),
  },
  {
    key: 'techniques',
    title: 'Techniques',
    width: 112,
    // Each step of the path that is open says its own.
    hidden: true,
    cell: (it) => <Techniques of={it} />,
  },
]

/** Since when it is there, and whether that is new. */
function Since({ of: { path } }: { of: PathRow }) {
  if (path.since === undefined || path.since === null) return '–'
  return (
    <>
      {path.status === 'new' ? <Badge>New</Badge> : null} <Time at={path.since} />
    </>
  )
}

function State({ of }: { of: PathRow }) {
  if (of.state === 'cut') return <Badge>Cut</Badge>
  if (of.state === 'new') return <Badge title="It leads around the fixes">Another way</Badge>
  if (!of.isProven) return <Badge title="It rests on what could not be judged">Not proven</Badge>
  return 'Open'
}

function Techniques({ of }: { of: PathRow }) {
  const all = [...new Set(of.path.steps.flatMap((it) => it.technique ?? []))]
  return (
    <span title={all.join(', ')}>
      {all.length === 0 ? '–' : all[0]}
      {all.length > 1 ? ` +${count(all.length - 1)}` : ''}
    </span>
  )
}

export function PathList(props: {
  rows: readonly PathRow[]
  opened: string | undefined
  open: (mark: string) => void
}) {
  const source = useList({ data: props.rows })
  // Where all are open and proven, a column that says so takes room from their names.
  const isPlain = props.rows.every((it) => it.state === 'open' && it.isProven)
  const isTimeless = props.rows.every((it) => it.path.since === undefined || it.path.since === null)
  const seen = columns.filter((it) => !(it.key === 'state' && isPlain) && !(it.key === 'since' && isTimeless))
  return (
    <Table
      name="attack-paths"
      label="Attack paths"
      noun={['path', 'paths']}
      columns={seen}
      source={source}
      id={(it) => it.mark}
      opened={props.opened}
      onOpen={(it) => props.open(it.mark)}
      rows={8}
      main
    />
  )
}
