// Attack paths over time: how many there were, and which came and went.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type AttackStory, storyPage, type StoryStatus, storyTrendQuery } from '#/api/queries/attack'
import { kindsQuery } from '#/api/queries/resources'
import { Crown } from '#/components/Crown'
import { SearchField } from '#/components/SearchField'
import type { Column } from '#/table/columns'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { Chips } from '#/ui/Chips'
import { Facets } from '#/ui/Facets'
import { Link } from '#/ui/Link'
import { Badge, Quiet, Section } from '#/ui/parts'
import { RiskTrend } from '#/ui/RiskTrend'
import { Severity } from '#/ui/Severity'
import { EmptyState, Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { count, counted } from '#/util/format'
import css from './attack-paths.module.css'
import { type AttackPathsSearch, attackPathsSearch, storyFilter, storyFilters, toggledStory } from './search'
import { nameOf, riskOf } from './words'

const titles = { status: 'Status', risk: 'Risk', entry: 'Entry point', kind: 'Kind of target' } as const

const statusWords: Record<StoryStatus, string> = { new: 'New', open: 'Open', resolved: 'Resolved' }

const ADDRESS = '/api/v1/attack-paths/history'

export function OverTime(props: { search: AttackPathsSearch; go: (next: AttackPathsSearch) => void }) {
  return (
    <div className={css.main}>
      <Trend />
      <Stories {...props} />
    </div>
  )
}

/** How many were open, by risk. */
function Trend() {
  const trend = useQuery(storyTrendQuery)
  return (
    <Section title="Open attack paths">
      <Shown of={trend} rows={4}>
        {(points) =>
          points.length === 0 ? (
            <p className={css.text}>
              Paths are worked out some seconds behind each change, and kept from then on. None were yet.
            </p>
          ) : (
            <RiskTrend label="Open attack paths" points={points} until={new Date().toISOString()} />
          )
        }
      </Shown>
    </Section>
  )
}

function Stories({ search, go }: { search: AttackPathsSearch; go: (next: AttackPathsSearch) => void }) {
  const filter = useMemo(() => storyFilter(search), [search])
  const source = useKeyset({
    key: ['list_attack_path_history', filter],
    page: (cursor, limit, signal) => storyPage(filter, cursor, limit, signal),
  })
  const words = useWords()
  const toggle = (name: string, value: string) => {
    const known = storyFilters.find((it) => it === name)
    if (known !== undefined) go(toggledStory(search, known, value))
  }
  const clear = () => go(attackPathsSearch({ tab: 'time' }))
  const isFiltered = search.q !== undefined || storyFilters.some((it) => search[it] !== undefined)
  return (
    <Section title="What came and went">
      <div className={css.beside}>
        <Facets
          groups={storyFilters.map((name) => {
            const facet = source.first?.facets.find((it) => it.name === name)
            const values = (facet?.values ?? []).map((it) => ({
              value: it.value,
              count: it.count,
              label: words(name, it.value),
              ...(name === 'risk' ? { mark: <Severity value={riskOf(it.value)} /> } : {}),
            }))
            return { name, title: titles[name], values, more: facet?.more ?? 0, chosen: search[name] ?? [] }
          })}
          onToggle={toggle}
          onClear={(name) => go(attackPathsSearch({ ...search, [name]: undefined }))}
        />
        <div className={css.main}>
          <SearchField
            value={search.q ?? ''}
            label="Find attack paths"
            placeholder="Words of name or id"
            onChange={(q) => go(attackPathsSearch({ ...search, q }))}
          />
          <Chips
            chips={storyFilters.flatMap((name) =>
              (search[name] ?? []).map((value) => ({
                name,
                value,
                title: titles[name],
                label: words(name, value),
              })),
            )}
            onRemove={(it) => toggle(it.name, it.value)}
            onClear={clear}
          />
          <Table
            name="attack-path-history"
            label="Attack paths over time"
            noun={['path', 'paths']}
            columns={columns}
            source={source}
            id={(it) => `${it.entry.id} ${it.target.id}`}
            download={{ path: ADDRESS, query: { ...filter }, file: 'attack-paths' }}
            rows={10}
            empty={
              isFiltered ? (
                <EmptyState
                  title="Nothing fits these filters"
                  action={<Button onClick={clear}>Clear all filters</Button>}
                />
              ) : (
                <EmptyState title="No path was found so far">
                  A path from the internet to an administrator or a critical asset would stand here from when
                  it is found, and stay when it is resolved.
                </EmptyState>
              )
            }
          />
        </div>
      </div>
    </Section>
  )
}

/** Says values of filters in words. */
function useWords(): (name: string, value: string) => string {
  const kinds = useQuery(kindsQuery).data
  return useMemo(() => {
    const titled = new Map((kinds ?? []).map((it) => [it.id, it.title]))
    return (name, value) => {
      if (name === 'status') return Object.entries(statusWords).find(([it]) => it === value)?.[1] ?? value
      if (name === 'entry') return nameOf({ id: value, name: '' })
      if (name === 'risk') return value.charAt(0).toUpperCase() + value.slice(1)
      return titled.get(value) ?? value
    }
  }, [kinds])
}

/** What is open leads to its page of today, what is resolved to what was threatened. */
function Named({ of }: { of: AttackStory }) {
  const text = `${nameOf(of.entry)} → ${nameOf(of.target)}`
  return (
    <span title={of.target.id}>
      {of.status === 'resolved' ? (
        <Link to="/inventory/$id" params={{ id: of.target.id }} plain>
          {text}
        </Link>
      ) : (
        <Link to="/attack-paths" search={{ to: of.target.id }} plain>
          {text}
        </Link>
      )}{' '}
      <Crown of={of.target} quiet />
    </span>
  )
}

function Status({ of }: { of: AttackStory }) {
  const again = of.periods.length - 1
  return (
    <>
      {of.status === 'new' ? <Badge>New</Badge> : statusWords[of.status]}
      {of.proven ? null : <Quiet>, not proven</Quiet>}
      {of.hiddenBy === undefined || of.hiddenBy.length === 0 ? null : (
        <span
          title={`It may be hidden, not mended: less was collected for ${of.hiddenBy.map((it) => it.title).join(', ')}.`}
        >
          <Quiet>, unsure</Quiet>
        </span>
      )}
      {again === 0 ? null : (
        <span title={`It was resolved ${counted(again, 'time')} and came back.`}>
          {' '}
          <Quiet>{count(of.periods.length)}×</Quiet>
        </span>
      )}
    </>
  )
}

const columns: readonly Column<AttackStory>[] = [
  {
    key: 'risk',
    title: 'Risk',
    width: 100,
    card: 'mark',
    cell: (it) => <Severity value={riskOf(it.risk)} />,
  },
  { key: 'path', title: 'Path', width: 200, grow: true, card: 'title', cell: (it) => <Named of={it} /> },
  { key: 'status', title: 'Status', width: 130, card: 'line', cell: (it) => <Status of={it} /> },
  { key: 'found', title: 'Found', width: 120, card: 'line', cell: (it) => <Time at={it.found.at} /> },
  {
    key: 'resolved',
    title: 'Resolved',
    width: 120,
    cell: (it) =>
      it.resolved === undefined || it.resolved === null ? <Quiet>–</Quiet> : <Time at={it.resolved.at} />,
  },
  {
    key: 'steps',
    title: 'Steps',
    width: 64,
    end: true,
    cell: (it) => <span title={it.steps.map((step) => step.title).join('\n')}>{count(it.steps.length)}</span>,
  },
  {
    key: 'seen',
    title: 'Last seen',
    width: 120,
    hidden: true,
    cell: (it) => <Time at={it.lastSeen.at} />,
  },
  {
    key: 'first',
    title: 'First found',
    width: 120,
    hidden: true,
    cell: (it) => <Time at={it.firstFound.at} />,
  },
]
