// The paths, the worst first.
import { mergeClasses } from '@fluentui/react-components'
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
import { holdWords, likelihoodWord, nameOf, riskOf } from './words'

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
      <span className={css.way} title={it.path.target.id}>
        <span className={mergeClasses(css.wayName, it.state === 'cut' && css.cut)}>
          {nameOf(it.path.entry)} → {nameOf(it.path.target)}
        </span>
        <Crown of={it.path.target} quiet />
        <span className={css.held}>{holdWords(it.path.target)}</span>
      </span>
    ),
  },
  { key: 'state', title: 'State', width: 104, card: 'line', cell: (it) => <State of={it} /> },
  { key: 'since', title: 'Since', width: 168, card: 'line', cell: (it) => <Since of={it} marks /> },
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

/** Where all are new, as after the first import, a badge on each would say nothing. */
const unmarked: Column<PathRow> = {
  key: 'since',
  title: 'Since',
  width: 116,
  card: 'line',
  cell: (it) => <Since of={it} />,
}

/** Since when it is there; `marks` says whether that is new. */
function Since({ of: { path }, marks }: { of: PathRow; marks?: boolean }) {
  if (path.since === undefined || path.since === null) return '–'
  return (
    <>
      {marks === true && path.status === 'new' ? <Badge>New</Badge> : null} <Time at={path.since} />
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
  const isAllNew = props.rows.every((it) => it.path.status === 'new')
  const seen = columns
    .filter((it) => !(it.key === 'state' && isPlain) && !(it.key === 'since' && isTimeless))
    .map((it) => (it.key === 'since' && isAllNew ? unmarked : it))
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
