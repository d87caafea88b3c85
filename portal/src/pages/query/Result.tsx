// The answer to a question, as a table or as a graph.
import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { saveFile } from '#/api/download'
import { NodeLink } from '#/pages/inventory/NodeLink'
import type { Column } from '#/table/columns'
import { sorted, useList } from '#/table/source'
import { type Sort, Table } from '#/table/Table'
import { KindIcon } from '#/ui/glyphs'
import { LayeredGraph } from '#/ui/graph/LayeredGraph'
import type { Graph } from '#/ui/graph/layout'
import { ArrowDownloadRegular } from '#/ui/icons'
import { JsonValue } from '#/ui/json/JsonValue'
import { inLine } from '#/ui/json/lines'
import { Link } from '#/ui/Link'
import { Tabs } from '#/ui/SidePanel'
import { count } from '#/util/format'
import css from './query.module.css'
import { type Insights, Marks, marked } from './insights'
import { csvOf, graphOf, nodeOf, plain } from './result'
import type { forms } from './search'

type Form = (typeof forms)[number]

interface Row {
  /** Its place in the answer, which is all the identity that it has. */
  place: number
  values: readonly unknown[]
}

const idOf = (it: Row) => String(it.place)

export function Result(props: {
  answer: Schemas['Answer']
  limit: number
  as: Form
  choose: (as: Form) => void
  /** What is known of the nodes, by id; each column of nodes is followed by one that says it. */
  insights?: Insights | undefined
  /** What is drawn, where the rows do not say it all. */
  graph?: Graph | undefined
  /** The name of the file that is saved. */
  file?: string | undefined
}) {
  const { answer, as, insights } = props
  const own = useMemo(() => graphOf(answer.rows), [answer.rows])
  const shown = props.graph ?? own
  const graph = useMemo(() => (insights === undefined ? shown : marked(shown, insights)), [shown, insights])
  const hasGraph = graph.nodes.length > 0
  return (
    <div className={css.result}>
      {answer.incomplete ? (
        <MessageBar intent="warning">
          <MessageBarBody>
            Something that this question reads was not collected: there may be further rows.
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {answer.more ? (
        <MessageBar>
          <MessageBarBody>
            These are the first {count(props.limit)} rows. Ask for more rows, or narrow the question.
          </MessageBarBody>
        </MessageBar>
      ) : null}
      {hasGraph ? (
        <Tabs<Form>
          selected={as}
          select={props.choose}
          of={[
            { value: 'table', label: `Table (${count(answer.rows.length)})` },
            { value: 'graph', label: `Graph (${count(graph.nodes.length)})` },
          ]}
        />
      ) : null}
      {as === 'graph' && hasGraph ? (
        <LayeredGraph
          graph={graph}
          label="The answer as a graph; the table says the same"
          node={(it) => <NodeLink node={it} />}
          height={520}
        />
      ) : (
        <Rows answer={answer} insights={insights} file={props.file ?? 'answer.csv'} />
      )}
    </div>
  )
}

function Rows(props: { answer: Schemas['Answer']; insights: Insights | undefined; file: string }) {
  const { answer, insights } = props
  const { columns: names, rows } = answer
  const [sort, setSort] = useState<Sort>()
  const columns = useMemo(
    () =>
      names.flatMap((title, at) => {
        const column = columnOf(title, at, names.length, rows)
        const isNode = rows.length > 0 && nodeOf(rows[0]?.[at]) !== undefined
        if (insights === undefined || !isNode) return [column]
        // What is known of nodes takes the room that names leave.
        return [{ ...column, grow: false }, knownColumn(title, at, insights, at === names.length - 1)]
      }),
    [names, rows, insights],
  )
  const list = useMemo(() => {
    const all = rows.map((values, place): Row => ({ place, values }))
    if (sort === undefined) return all
    return sorted(all, (it) => sortable(it.values[Number(sort.by)]), sort.reverse)
  }, [rows, sort])
  const source = useList({ data: list })
  const save = () =>
    saveFile(new Blob(['\ufeff', csvOf(names, rows)], { type: 'text/csv;charset=utf-8' }), props.file)
  return (
    <Table
      name="answer"
      label="Answer"
      noun={['row', 'rows']}
      columns={columns}
      source={source}
      id={idOf}
      rows={18}
      main
      sort={sort}
      onSort={setSort}
      keeps={false}
      empty={<p className={css.quiet}>Nothing in the graph fits the question as it is written.</p>}
      tools={
        rows.length === 0 ? null : (
          <Button size="small" appearance="subtle" icon={<ArrowDownloadRegular />} onClick={save}>
            CSV
          </Button>
        )
      }
    />
  )
}

function sortable(value: unknown): string | number | null {
  if (typeof value === 'number') return value
  const node = nodeOf(value)
  return value === null || value === undefined ? null : (node?.name ?? plain(value))
}

/** A column of the answer, about as wide as what stands in its first rows. */
function columnOf(
  title: string,
  at: number,
  all: number,
  rows: readonly (readonly unknown[])[],
): Column<Row> {
  const sample = rows.slice(0, 40).map((row) => row[at])
  const longest = Math.max(
    title.length + 2,
    ...sample.map((it) => nodeOf(it)?.name.length ?? plain(it).length),
  )
  const isNumber = sample.length > 0 && sample.every((it) => typeof it === 'number')
  return {
    key: String(at),
    title,
    sort: String(at),
    reverse: isNumber,
    end: isNumber,
    width: Math.min(420, Math.max(90, longest * 8 + 40)),
    grow: at === all - 1 && !isNumber,
    card: at === 0 ? 'title' : 'line',
    cell: (row) => <Cell value={row.values[at]} />,
  }
}

/** What is known of the nodes of a column. */
function knownColumn(title: string, at: number, insights: Insights, grow: boolean): Column<Row> {
  const of = (row: Row) => insights.get(nodeOf(row.values[at])?.id ?? '')
  return {
    key: `${at} known`,
    title: `Insights: ${title}`,
    width: 300,
    grow,
    card: 'line',
    cell: (row) => <Marks of={of(row)} />,
  }
}

function Cell({ value }: { value: unknown }) {
  const node = nodeOf(value)
  if (node !== undefined) {
    return (
      <Link to="/inventory/$id" params={{ id: node.id }} plain title={`${node.labels.join(' ')}\n${node.id}`}>
        <KindIcon kind={node.kind} /> {node.name}
      </Link>
    )
  }
  if (typeof value === 'string') return <span title={value}>{value}</span>
  if (typeof value === 'object' && value !== null) {
    const text = inLine(value)
    return (
      <code className={css.code} title={text.length > 2000 ? `${text.slice(0, 2000)}…` : text}>
        {text.slice(0, 300)}
      </code>
    )
  }
  return <JsonValue value={value} />
}
