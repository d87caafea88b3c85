// Everything that was read: found by words, by facets and by tags.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { resourcePage } from '#/api/queries/resources'
import { scopesQuery } from '#/api/queries/scopes'
import { SavedViews } from '#/components/SavedViews'
import { SearchField } from '#/components/SearchField'
import { useKeyset } from '#/table/source'
import { type Sort, Table } from '#/table/Table'
import { Chips } from '#/ui/Chips'
import { Facets } from '#/ui/Facets'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState } from '#/ui/states'
import { count, counted } from '#/util/format'
import { parseSearch, present, stringifySearch } from '#/util/search'
import { inventoryColumns, type Resource, shortName } from './columns'
import css from './inventory.module.css'
import { ResourcePanel } from './ResourcePanel'
import { cleared, filterNames, filterOf, type InventorySearch, inventorySearch, toggled } from './search'
import { facetGroups, filterTitle, useWords } from './use-facets'

const givenViews = [
  { name: 'All resources', search: '' },
  { name: 'Critical problems', search: '?severity=critical' },
  { name: 'Critical assets', search: '?criticality=veryHigh&criticality=high' },
  { name: 'Unknown state', search: '?state=unknown' },
  { name: 'Judged by no check', search: '?state=notAssessed' },
]

const idOf = (it: Resource) => it.id
const isFilter = (name: string) => filterNames.find((it) => it === name)

export function InventoryPage() {
  const search = useSearch({ from: '/inventory' })
  const { scope } = useSearch({ from: '__root__' })
  const navigate = useNavigate({ from: '/inventory' })
  const filter = useMemo(() => filterOf(search, scope), [search, scope])
  const source = useKeyset({
    key: ['list_resources', filter],
    page: (cursor, limit, signal) => resourcePage(filter, cursor, limit, signal),
  })
  const scopes = useQuery(scopesQuery)
  const names = useMemo(
    () => new Map(scopes.data?.items.map((it) => [it.id, it.name] as const)),
    [scopes.data],
  )
  const columns = useMemo(() => inventoryColumns((id) => names.get(id) ?? shortName(id)), [names])
  const words = useWords()
  const go = useCallback(
    (next: InventorySearch, replace = false) =>
      void navigate({ search: (now) => ({ ...present({ scope: now.scope }), ...next }), replace }),
    [navigate],
  )
  const { columns: shown, open, sort, reverse, ...filters } = search
  const onSort = useCallback(
    (to: Sort) =>
      go(inventorySearch({ ...search, sort: to.by === 'severity' ? undefined : to.by, reverse: to.reverse })),
    [go, search],
  )
  const onOpen = useCallback(
    (row: Resource, follows: boolean) => go({ ...search, open: row.id }, follows),
    [go, search],
  )
  const chips = filterNames.flatMap((name) =>
    (search[name] ?? []).map((value) => ({
      name,
      value,
      title: filterTitle(name),
      label: words(name, value),
    })),
  )
  const groups = facetGroups(source.first?.facets ?? [], search, words)
  const isFiltered = chips.length > 0 || search.q !== undefined || search.exempt === true
  const toggle = (name: string, value: string) => {
    const known = isFilter(name)
    if (known !== undefined) go(toggled(search, known, value))
  }
  return (
    <Page
      title="Inventory"
      fill
      sentence={
        <Sentence search={search} first={source.first} places={scopes.data?.items} isFiltered={isFiltered} />
      }
      actions={
        <SavedViews
          of="inventory"
          given={givenViews}
          search={stringifySearch({ ...filters, sort, reverse, columns: shown })}
          show={(to) => go(inventorySearch(parseSearch(to)))}
        />
      }
    >
      <div className={css.beside}>
        <Facets
          groups={groups}
          onToggle={toggle}
          onClear={(name) => go(inventorySearch({ ...search, [name]: undefined, open: undefined }))}
        />
        <div className={css.list}>
          <SearchField
            value={search.q ?? ''}
            label="Find resources"
            placeholder="Words of name, id, kind, region or tags"
            onChange={(q) => go(inventorySearch({ ...search, q, open: undefined }), true)}
          />
          <Chips
            chips={chips}
            onRemove={(it) => toggle(it.name, it.value)}
            onClear={() => go(cleared(search))}
          />
          <Table
            name="inventory"
            label="Resources"
            noun={['resource', 'resources']}
            columns={columns}
            source={source}
            id={idOf}
            sort={{ by: sort ?? 'severity', reverse: reverse ?? false }}
            onSort={onSort}
            opened={open}
            onOpen={onOpen}
            shown={shown}
            onShown={(keys) => go(inventorySearch({ ...search, columns: keys }), true)}
            download={{ path: '/api/v1/resources', query: filter, file: 'resources' }}
            empty={<Nothing isFiltered={isFiltered} clear={() => go(cleared(search))} />}
          />
        </div>
      </div>
      {open === undefined ? null : (
        <ResourcePanel id={open} close={() => go(inventorySearch({ ...search, open: undefined }))} />
      )}
    </Page>
  )
}

function Sentence(props: {
  search: InventorySearch
  first:
    | {
        total: number
        facets: readonly { name: string; values: readonly { value: string; count: number }[] }[]
      }
    | undefined
  places: readonly { depth: number; resources: number }[] | undefined
  isFiltered: boolean
}) {
  const { search, first, places, isFiltered } = props
  if (first === undefined) return ' '
  const of = (name: string, value: string) =>
    first.facets.find((it) => it.name === name)?.values.find((it) => it.value === value)?.count ?? 0
  const critical = of('severity', 'critical')
  const dark = of('state', 'notAssessed')
  const where = places?.filter((it) => it.depth === 0 && it.resources > 0).length ?? 0
  return (
    <>
      {counted(first.total, 'resource')}
      {isFiltered
        ? first.total === 1
          ? ' fits'
          : ' fit'
        : where > 0
          ? ` in ${counted(where, 'scope')}`
          : ''}
      ;{' '}
      <Link to="/inventory" search={{ ...search, severity: ['critical'] }}>
        {critical === 0 ? 'none has' : critical === 1 ? '1 has' : `${count(critical)} have`} critical problems
      </Link>
      {dark === 0 ? null : (
        <>
          , and{' '}
          <Link to="/inventory" search={{ ...search, state: ['notAssessed'] }}>
            no check judges {count(dark)}
          </Link>
        </>
      )}
      .
    </>
  )
}

function Nothing({ isFiltered, clear }: { isFiltered: boolean; clear: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState
        title="Nothing fits these filters"
        action={<Button onClick={clear}>Clear all filters</Button>}
      >
        All words that you type must be in the name, id, kind, region or tags of a resource, or begin a word
        there.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No resources yet" action={<Link to="/environments">Import an export</Link>}>
      What Merlon reads of your clouds stands here. Import what a cloud's own tools export, here or with{' '}
      <code>merlon import</code>.
    </EmptyState>
  )
}
