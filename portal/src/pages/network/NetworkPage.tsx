// What packets from the internet reach, and what may pass between two end points, with every rule on the way.
import { Button, Field, Input } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { kindsQuery } from '#/api/queries/resources'
import { type EndPoint, exposureQuery } from '#/api/queries/rights'
import { ResourceField, theInternet } from '#/components/ResourceField'
import { SearchField } from '#/components/SearchField'
import { Since } from '#/components/Since'
import type { Column } from '#/table/columns'
import { sorted, useList } from '#/table/source'
import { type Sort, Table } from '#/table/Table'
import { KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Section } from '#/ui/parts'
import { Tabs } from '#/ui/SidePanel'
import { EmptyState, Loading, Shown } from '#/ui/states'
import { counted } from '#/util/format'
import css from './network.module.css'
import { Passage } from './Passage'
import { type NetworkSearch, networkSearch, type NetworkView } from './search'

const MapView = lazy(async () => ({ default: (await import('./MapView')).MapView }))

const widths: Record<string, string> = {
  wide: 'Anywhere',
  narrow: 'Some ranges',
  trusted: 'Trusted ranges',
}
const nameOf = (it: EndPoint): string => (it.name === '' ? (it.id.split(/[/:]/).at(-1) ?? it.id) : it.name)
const widthOf = (it: EndPoint): string =>
  it.answer === 'yes' ? (widths[it.width ?? ''] ?? it.width ?? '–') : 'Not known'

const columnsOf = (kindName: (kind: string) => string): readonly Column<EndPoint>[] => [
  {
    key: 'name',
    title: 'End point',
    width: 200,
    grow: true,
    sort: 'name',
    card: 'title',
    cell: (it) => (
      <Link to="/inventory/$id" params={{ id: it.id }} plain title={it.id}>
        {nameOf(it)}
      </Link>
    ),
  },
  {
    key: 'ports',
    title: 'Ports',
    width: 200,
    sort: 'ports',
    card: 'line',
    cell: (it) => <span title={it.ports}>{it.ports === '' ? '–' : it.ports}</span>,
  },
  { key: 'width', title: 'From', width: 132, sort: 'width', card: 'mark', cell: widthOf },
  {
    key: 'kind',
    title: 'Kind',
    width: 200,
    sort: 'kind',
    card: 'line',
    cell: (it) => (
      <span className={css.line} title={it.kind}>
        <KindIcon kind={it.kind} /> <span className={css.cut}>{kindName(it.kind)}</span>
      </span>
    ),
  },
]

/** What the list is sorted by; the widest first when nothing is said. */
const values: Record<string, (it: EndPoint) => string | number> = {
  name: nameOf,
  kind: (it) => it.kind,
  ports: (it) => it.ports,
  width: (it) => ['wide', 'narrow', 'trusted'].indexOf(it.width ?? '') + (it.width === null ? 9 : 0),
}

export function NetworkPage() {
  const search = useSearch({ from: '/network' })
  const navigate = useNavigate()
  const go = (next: NetworkSearch) =>
    void navigate({ to: '/network', search: networkSearch({ ...next }), resetScroll: false })
  const asked = useQuery(exposureQuery)
  const view = search.view ?? 'list'
  return (
    <Page title="Network map" sentence={asked.data === undefined ? ' ' : <Sentence of={asked.data.items} />}>
      <Tabs<NetworkView>
        selected={view}
        select={(to) => go(networkSearch({ ...search, view: to, node: undefined }))}
        of={[
          { value: 'list', label: 'Exposed' },
          { value: 'map', label: 'Map' },
        ]}
      />
      <Section title="What may pass between these two, and why">
        <Pair search={search} go={go} />
        {search.from !== undefined && search.to !== undefined && search.node === undefined ? (
          <Passage
            from={search.from}
            to={search.to}
            port={search.port}
            choose={(port) => go(networkSearch({ ...search, port }))}
          />
        ) : null}
      </Section>
      {view === 'map' ? (
        <Suspense fallback={<Loading rows={10} />}>
          <MapView search={search} go={go} />
        </Suspense>
      ) : (
        <Shown of={asked} rows={10}>
          {({ items, asOf }) => (
            <Section
              title="Reached from the internet"
              aside={
                <>
                  As of <Since commit={asOf} />
                </>
              }
            >
              <Exposed items={items} search={search} go={go} />
            </Section>
          )}
        </Shown>
      )}
    </Page>
  )
}

function Sentence({ of }: { of: readonly EndPoint[] }) {
  const reached = of.filter((it) => it.answer === 'yes')
  const wide = reached.filter((it) => it.width === 'wide').length
  const unknown = of.length - reached.length
  const rest = unknown === 0 ? '' : ` Of ${counted(unknown, 'more', 'more')} it is not known.`
  if (reached.length === 0) return `No packet from the internet is known to arrive anywhere.${rest}`
  const verb = reached.length === 1 ? 'is' : 'are'
  const from =
    wide === 0 ? '' : `, ${wide === reached.length ? 'from anywhere' : `${wide} of them from anywhere`}`
  return `${counted(reached.length, 'end point')} ${verb} reached from the internet${from}.${rest}`
}

function Exposed(props: {
  items: readonly EndPoint[]
  search: NetworkSearch
  go: (next: NetworkSearch) => void
}) {
  const { items, search, go } = props
  const [sort, setSort] = useState<Sort>({ by: 'width', reverse: false })
  const words = (search.q ?? '').toLowerCase()
  const rows = useMemo(() => {
    const found = items.filter((it) =>
      `${it.name} ${it.id} ${it.kind} ${it.ports}`.toLowerCase().includes(words),
    )
    return sorted(found, values[sort.by] ?? nameOf, sort.reverse)
  }, [items, words, sort])
  const source = useList({ data: rows })
  const kinds = useQuery(kindsQuery).data
  const columns = useMemo(() => {
    const titles = new Map((kinds ?? []).map((it) => [it.id, it.title] as const))
    return columnsOf((kind) => titles.get(kind) ?? kind)
  }, [kinds])
  if (items.length === 0) {
    return (
      <EmptyState title="Nothing is reached from the internet">
        Machines, load balancers, databases and services that packets from the internet reach would stand
        here. What was not imported is not judged.
      </EmptyState>
    )
  }
  return (
    <>
      <SearchField
        value={search.q ?? ''}
        label="Find end points"
        placeholder="Name, kind or port"
        onChange={(q) => go({ ...search, q })}
      />
      <Table
        name="exposure"
        label="Reached from the internet"
        noun={['end point', 'end points']}
        columns={columns}
        source={source}
        id={(it) => it.id}
        opened={search.from === 'internet' ? search.to : undefined}
        onOpen={(it) => go(networkSearch({ ...search, from: 'internet', to: it.id, port: undefined }))}
        sort={sort}
        onSort={setSort}
        rows={16}
        main
      />
    </>
  )
}

const ends = [theInternet]

function Pair({ search, go }: { search: NetworkSearch; go: (next: NetworkSearch) => void }) {
  return (
    <div className={css.pair}>
      <Field label="From">
        <ResourceField
          label="From"
          placeholder="Name or id"
          value={search.from}
          also={ends}
          choose={(from) => go(networkSearch({ ...search, from }))}
        />
      </Field>
      <Field label="To">
        <ResourceField
          label="To"
          placeholder="Name or id"
          value={search.to}
          choose={(to) => go(networkSearch({ ...search, to }))}
        />
      </Field>
      <Field label="At port">
        <PortField
          key={search.port}
          value={search.port}
          choose={(port) => go(networkSearch({ ...search, port }))}
        />
      </Field>
      {search.from === undefined && search.to === undefined ? null : (
        <Button
          appearance="subtle"
          onClick={() => go(networkSearch({ ...search, from: undefined, to: undefined, port: undefined }))}
        >
          Clear
        </Button>
      )}
    </div>
  )
}

/** Enter or leaving the field asks. */
function PortField(props: { value: number | undefined; choose: (port: number | undefined) => void }) {
  const { value, choose } = props
  const [words, setWords] = useState(value === undefined ? '' : String(value))
  const take = () => {
    const { port } = networkSearch({ port: words.trim() === '' ? undefined : words.trim() })
    if (port !== value) choose(port)
  }
  return (
    <Input
      style={{ width: 88 }}
      inputMode="numeric"
      placeholder="Any"
      aria-label="At port"
      value={words}
      onChange={(_, data) => setWords(data.value.replace(/\D/g, ''))}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take()
      }}
      onBlur={take}
    />
  )
}
