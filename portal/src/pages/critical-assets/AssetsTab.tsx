// Assets that are critical, or that may be: by level, and by which classifications.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
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
import { type Source, useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { Chips } from '#/ui/Chips'
import { criticalities, criticalityOf, criticalityWord, Criticality } from '#/ui/Criticality'
import { Facets } from '#/ui/Facets'
import { CloudIcon, cloudName, KindIcon } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { EmptyState } from '#/ui/states'
import css from './critical.module.css'
import { DecideBar, type Deciding } from './DecideBar'
import { Decided } from './Decided'
import {
  assetFilters,
  chosenOf,
  type CriticalSearch,
  cleared,
  criticalSearch,
  decisionStates,
  filterOf,
  reviewFilters,
  toggled,
} from './search'
import { useDecide } from './use-decide'
import { useDecideKeys } from './use-decide-keys'
import { decisionWords } from './words'

const titles = {
  decision: 'Decision',
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
  const isDecided = search.decision?.some((it) => it !== 'undecided') ?? false
  const columns = useColumns(list, words, isDecided)
  const filters = list === 'review' ? reviewFilters : assetFilters
  const isFilter = (name: string) => filters.find((it) => it === name)
  const toggle = (name: string, value: string) => {
    const known = isFilter(name)
    if (known !== undefined) go(toggled(search, known, value))
  }
  const isFiltered = search.q !== undefined || filters.some((it) => search[it] !== undefined)
  const review = useReview(list === 'review', source, search.open)
  return (
    <div className={css.beside}>
      <Facets
        groups={filters.map((name) => {
          const facet = source.first?.facets.find((it) => it.name === name)
          const values = (facet?.values ?? []).map(({ value, count }) => ({
            value,
            count,
            label: words(name, value),
            ...markOf(name, value),
          }))
          if (name === 'level') values.sort((a, b) => rank(a.value) - rank(b.value))
          if (name === 'decision') values.sort((a, b) => place(a.value) - place(b.value))
          return { name, title: titles[name], values, more: facet?.more ?? 0, chosen: chosenOf(search, name) }
        })}
        onToggle={toggle}
        onClear={(name) => go(criticalSearch({ ...search, [name]: undefined, open: undefined }))}
      />
      <div className={css.list}>
        {list === 'review' ? (
          <p className={css.quiet}>
            A name or a tag says that these may be critical, but such names are often copied. They have no
            level by that, until you decide that they are: tick some, or write a classification that is sure.
          </p>
        ) : null}
        <SearchField
          value={search.q ?? ''}
          label="Find assets"
          placeholder="Words of name or id"
          onChange={(q) => go(criticalSearch({ ...search, q, open: undefined }), true)}
        />
        <Chips
          chips={filters.flatMap((name) =>
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
        {review.bar}
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
          {...review.table}
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

/** Deciding on assets to review: ticks, buttons of rows, the strip where one says why. */
function useReview(isReview: boolean, source: Source<CriticalAsset>, opened: string | undefined) {
  const [ticked, setTicked] = useState<ReadonlyMap<string, CriticalAsset>>(new Map())
  const [deciding, setDeciding] = useState<Deciding>()
  const takeBack = useDecide()
  const rows = (ids: Iterable<string>): ReadonlyMap<string, CriticalAsset> => {
    const wanted = new Set(ids)
    const found = new Map([...ticked].filter(([id]) => wanted.has(id)))
    for (let at = 0; at < source.count && found.size < wanted.size; at += 1) {
      const row = source.row(at)
      if (row !== undefined && wanted.has(row.id)) found.set(row.id, row)
    }
    return found
  }
  const may = (it: CriticalAsset) => it.can.includes('asset.decide')
  const begin = (decision: Deciding['decision'], of: Iterable<CriticalAsset>) => {
    const assets = [...of].filter(may)
    if (assets.length > 0) setDeciding({ decision, assets })
  }
  const chosen = () => (ticked.size > 0 ? ticked : rows(opened === undefined ? [] : [opened])).values()
  useDecideKeys(isReview, (decision) => begin(decision, chosen()))
  const ids = useMemo(() => new Set(ticked.keys()), [ticked])
  if (!isReview) return { bar: null, table: {} }
  const back = (it: CriticalAsset) =>
    takeBack.mutate({
      on: {
        items: [{ asset: it.id, classifications: it.decisions.map(({ classification }) => classification) }],
        decision: 'undecided',
        reason: '',
      },
      before: [it],
    })
  const mayAny = [...ticked.values()].some(may)
  return {
    bar:
      deciding === undefined ? null : (
        <DecideBar
          key={`${deciding.decision} ${deciding.assets.map((it) => it.id).join(' ')}`}
          of={deciding}
          close={() => setDeciding(undefined)}
          done={() => {
            setDeciding(undefined)
            setTicked(new Map())
          }}
        />
      ),
    table: {
      selected: ids,
      onSelect: (ids: ReadonlySet<string>) => setTicked(rows(ids)),
      tools:
        ticked.size === 0 || deciding !== undefined ? null : (
          <>
            <Button
              size="small"
              appearance="primary"
              disabledFocusable={!mayAny}
              title={mayAny ? undefined : MAY_NOT}
              onClick={() => begin('critical', ticked.values())}
            >
              Mark as critical…
            </Button>
            <Button
              size="small"
              disabledFocusable={!mayAny}
              title={mayAny ? undefined : MAY_NOT}
              onClick={() => begin('notCritical', ticked.values())}
            >
              Not critical…
            </Button>
          </>
        ),
      actions: (it: CriticalAsset) => (
        <>
          {it.decisions.length === 0 ? null : (
            <Button size="small" disabledFocusable={!may(it) || takeBack.isPending} onClick={() => back(it)}>
              Take back
            </Button>
          )}
          <Button size="small" disabledFocusable={!may(it)} onClick={() => begin('critical', [it])}>
            Critical…
          </Button>
          <Button size="small" disabledFocusable={!may(it)} onClick={() => begin('notCritical', [it])}>
            Not critical…
          </Button>
        </>
      ),
    },
  }
}

const MAY_NOT = 'Your roles do not include decisions on these assets'

function Nothing({ list }: { list: 'assets' | 'review' }) {
  if (list === 'review') {
    return (
      <EmptyState title="Nothing to review">
        Assets would stand here of which only a name or a tag says that they are critical, and on which nobody
        has decided. What was decided is under Decision.
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

const place = (state: string): number => decisionStates.findIndex((it) => it === state)
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
      const decision = name === 'decision' ? decisionStates.find((it) => it === value) : undefined
      if (decision !== undefined) return decisionWords[decision]
      return titled.get(`${name} ${value}`) ?? value
    }
  }, [kinds, rules])
}

function useColumns(
  list: 'assets' | 'review',
  words: Words,
  isDecided: boolean,
): readonly Column<CriticalAsset>[] {
  const scopeName = useScopeName()
  return useMemo<readonly Column<CriticalAsset>[]>(
    () => [
      {
        key: 'level',
        title: list === 'assets' ? 'Level' : 'Would be',
        width: 108,
        sort: 'level',
        down: true,
        card: 'mark',
        cell: (it) => <Criticality value={it.level} />,
      },
      {
        key: 'name',
        title: 'Asset',
        width: 170,
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
        width: 240,
        card: 'line',
        cell: (it) => <By of={it} words={words} />,
      },
      {
        key: 'decided',
        title: 'Decided',
        width: 200,
        ...(list === 'review' && isDecided ? {} : { hidden: true }),
        cell: (it) => <Decided of={it.decisions} />,
      },
      ...(list === 'assets'
        ? []
        : [
            {
              key: 'has',
              title: 'Is now',
              width: 108,
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
        width: 184,
        cell: (it) => (
          <span className={css.line} title={it.kind}>
            <CloudIcon cloud={it.cloud} />
            <KindIcon kind={it.kind} /> <span className={css.cut}>{words('kind', it.kind)}</span>
          </span>
        ),
      },
      {
        key: 'scope',
        title: 'Account',
        width: 132,
        cell: (it) => <span title={it.scope}>{scopeName(it.scope)}</span>,
      },
      { key: 'id', title: 'Id', width: 360, hidden: true, cell: (it) => <code>{it.id}</code> },
    ],
    [list, words, scopeName, isDecided],
  )
}

/** The classifications that hold; each leads to itself. */
function By({ of, words }: { of: CriticalAsset; words: Words }) {
  const all = of.classifications.map((id) => words('classification', id))
  const by = of.decisions.find((it) => it.decision === 'critical')?.by
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
      {by === undefined ? null : <span className={css.by}>, decided by {by}</span>}
    </span>
  )
}
