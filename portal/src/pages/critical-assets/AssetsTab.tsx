// Assets that are critical, or that may be: by level, and by which classifications.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import {
  classificationsQuery,
  type CriticalAsset,
  criticalPage,
  type CriticalList,
} from '#/api/queries/critical'
import { kindsQuery } from '#/api/queries/resources'
import { useScopeName } from '#/components/names'
import { SearchField } from '#/components/SearchField'
import { ResourcePanel } from '#/pages/inventory/ResourcePanel'
import type { Column } from '#/table/columns'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { Chips } from '#/ui/Chips'
import { criticalities, criticalityOf, criticalityWord, Criticality } from '#/ui/Criticality'
import { Facets } from '#/ui/Facets'
import { CloudIcon, cloudName, KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { EmptyState } from '#/ui/states'
import css from './critical.module.css'
import { assetFilters, type CriticalSearch, cleared, criticalSearch, filterOf, toggled } from './search'

const titles = {
  level: 'Level',
  classification: 'Classification',
  cloud: 'Cloud',
  kind: 'Kind',
} as const

const addresses: Record<'assets' | 'review', CriticalList> = {
  assets: '/api/v1/critical-assets',
  review: '/api/v1/critical-assets/review',
}

/** The last part of an id, where there is no name. */
const nameOf = (it: CriticalAsset): string =>
  it.name === '' ? (it.id.split(/[/:]/).at(-1) ?? it.id) : it.name

export function AssetsTab(props: {
  list: 'assets' | 'review'
  search: CriticalSearch
  scope: string | undefined
  go: (next: CriticalSearch, replace?: boolean) => void
}) {
  const { list, search, scope, go } = props
  const address = addresses[list]
  const filter = useMemo(() => filterOf(search, scope), [search, scope])
  const source = useKeyset({
    key: ['list_critical_assets', address, filter],
    page: (cursor, limit, signal) => criticalPage(address, filter, cursor, limit, signal),
  })
  const words = useWords()
  const columns = useColumns(list, words)
  const isFilter = (name: string) => assetFilters.find((it) => it === name)
  const toggle = (name: string, value: string) => {
    const known = isFilter(name)
    if (known !== undefined) go(toggled(search, known, value))
  }
  const isFiltered = search.q !== undefined || assetFilters.some((it) => search[it] !== undefined)
  return (
    <div className={css.beside}>
      <Facets
        groups={assetFilters.map((name) => {
          const facet = source.first?.facets.find((it) => it.name === name)
          const values = (facet?.values ?? []).map(({ value, count }) => ({
            value,
            count,
            label: words(name, value),
            ...markOf(name, value),
          }))
          if (name === 'level') values.sort((a, b) => rank(a.value) - rank(b.value))
          return { name, title: titles[name], values, more: facet?.more ?? 0, chosen: search[name] ?? [] }
        })}
        onToggle={toggle}
        onClear={(name) => go(criticalSearch({ ...search, [name]: undefined, open: undefined }))}
      />
      <div className={css.list}>
        {list === 'review' ? (
          <p className={css.quiet}>
            A name or a tag says that these may be critical, but such names are often copied. They have no
            level by that: write a classification that is sure of them, or leave them.
          </p>
        ) : null}
        <SearchField
          value={search.q ?? ''}
          label="Find assets"
          placeholder="Words of name or id"
          onChange={(q) => go(criticalSearch({ ...search, q, open: undefined }), true)}
        />
        <Chips
          chips={assetFilters.flatMap((name) =>
            (search[name] ?? []).map((value) => ({
              name,
              value,
              title: titles[name],
              label: words(name, value),
            })),
          )}
          onRemove={(it) => toggle(it.name, it.value)}
          onClear={() => go(cleared(search))}
        />
        <Table
          name={list === 'assets' ? 'critical-assets' : 'assets-to-review'}
          label={list === 'assets' ? 'Critical assets' : 'Assets to review'}
          noun={['asset', 'assets']}
          columns={columns}
          source={source}
          id={(it) => it.id}
          sort={{ by: 'level', reverse: search.reverse ?? false }}
          onSort={({ reverse }) => go(criticalSearch({ ...search, reverse }))}
          opened={search.open}
          onOpen={(it, follows) => go({ ...search, open: it.id }, follows)}
          shown={search.columns}
          onShown={(keys) => go(criticalSearch({ ...search, columns: keys }), true)}
          download={{ path: address, query: { ...filter }, file: 'critical-assets' }}
          empty={
            isFiltered ? (
              <EmptyState
                title="Nothing fits these filters"
                action={<Button onClick={() => go(cleared(search))}>Clear all filters</Button>}
              />
            ) : (
              <Nothing list={list} />
            )
          }
        />
      </div>
      {search.open === undefined ? null : (
        <ResourcePanel id={search.open} close={() => go(criticalSearch({ ...search, open: undefined }))} />
      )}
    </div>
  )
}

function Nothing({ list }: { list: 'assets' | 'review' }) {
  if (list === 'review') {
    return (
      <EmptyState title="Nothing to review">
        Assets would stand here of which only a name or a tag says that they are critical.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No critical assets"
      action={<Link to="/critical-assets/write">Write a classification</Link>}
    >
      No classification that is on holds for anything that was imported. Attack paths and risk look at what
      matters most: say what that is here.
    </EmptyState>
  )
}

const rank = (level: string): number => criticalities.findIndex((it) => it === level)

function markOf(name: string, value: string) {
  const level = name === 'level' ? criticalityOf(value) : undefined
  return level === undefined ? {} : { mark: <Criticality value={level} /> }
}

type Words = (name: string, value: string) => string

/** Says values of filters in words. */
function useWords(): Words {
  const kinds = useQuery(kindsQuery).data
  const rules = useQuery(classificationsQuery).data
  return useMemo(() => {
    const titled = new Map<string, string>([
      ...(kinds ?? []).map((it) => [`kind ${it.id}`, it.title] as const),
      ...(rules?.items ?? []).map((it) => [`classification ${it.id}`, it.title] as const),
    ])
    return (name, value) => {
      const level = name === 'level' ? criticalityOf(value) : undefined
      if (level !== undefined) return criticalityWord(level)
      if (name === 'cloud') return cloudName(value)
      return titled.get(`${name} ${value}`) ?? value
    }
  }, [kinds, rules])
}

function useColumns(list: 'assets' | 'review', words: Words): readonly Column<CriticalAsset>[] {
  const scopeName = useScopeName()
  return useMemo<readonly Column<CriticalAsset>[]>(
    () => [
      {
        key: 'level',
        title: list === 'assets' ? 'Level' : 'Would be',
        width: 116,
        sort: 'level',
        down: true,
        card: 'mark',
        cell: (it) => <Criticality value={it.level} />,
      },
      {
        key: 'name',
        title: 'Asset',
        width: 200,
        grow: true,
        card: 'title',
        cell: (it) => (
          <Link to="/inventory/$id" params={{ id: it.id }} plain title={it.id}>
            {nameOf(it)}
          </Link>
        ),
      },
      {
        key: 'by',
        title: 'Because it is',
        width: 300,
        card: 'line',
        cell: (it) => <By of={it} words={words} />,
      },
      ...(list === 'assets'
        ? []
        : [
            {
              key: 'has',
              title: 'Is now',
              width: 116,
              cell: (it: CriticalAsset) =>
                it.hasLevel === undefined || it.hasLevel === null ? (
                  <span className={css.quiet}>–</span>
                ) : (
                  <Criticality value={it.hasLevel} />
                ),
            },
          ]),
      {
        key: 'kind',
        title: 'Kind',
        width: 190,
        cell: (it) => (
          <span className={css.line} title={it.kind}>
            <CloudIcon cloud={it.cloud} />
            <KindIcon kind={it.kind} /> {words('kind', it.kind)}
          </span>
        ),
      },
      {
        key: 'scope',
        title: 'Account',
        width: 150,
        cell: (it) => <span title={it.scope}>{scopeName(it.scope)}</span>,
      },
      { key: 'id', title: 'Id', width: 360, hidden: true, cell: (it) => <code>{it.id}</code> },
    ],
    [list, words, scopeName],
  )
}

/** The classifications that hold; each leads to itself. */
function By({ of, words }: { of: CriticalAsset; words: Words }) {
  const all = of.classifications.map((id) => words('classification', id))
  return (
    <span title={all.join('\n')}>
      {of.classifications.map((id, n) => (
        <span key={id}>
          {n > 0 ? ', ' : ''}
          <Link to="/critical-assets" search={{ tab: 'classifications', open: id }} plain>
            {all[n]}
          </Link>
        </span>
      ))}
    </span>
  )
}
