// What Merlon knows: every check, whoever wrote it, with the kinds and controls that they belong to.
import { Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { checksQuery } from '#/api/queries/content'
import { useControlName, useStandardName } from '#/components/names'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Chips } from '#/ui/Chips'
import { Facets } from '#/ui/Facets'
import { cloudName } from '#/ui/glyphs'
import { SearchField } from '#/components/SearchField'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Severity, severities, severityWord } from '#/ui/Severity'
import { EmptyState } from '#/ui/states'
import { count, counted as words } from '#/util/format'
import { ControlsTab } from './ControlsTab'
import { type CheckLine, counted, fitting } from './checks'
import { checkColumns } from './columns'
import css from './content.module.css'
import { KindsTab } from './KindsTab'
import { type ContentSearch, contentSearch, type FilterName, filterNames, tabs } from './search'

const tabWords = { checks: 'Checks', kinds: 'Kinds of resources', controls: 'Controls' } as const

const titles: Record<FilterName, string> = {
  origin: 'Written by',
  cloud: 'Cloud',
  severity: 'Severity',
  service: 'Service',
  kind: 'Kind',
  control: 'Control',
  standard: 'Standard',
  status: 'Status',
}

export function ContentPage() {
  const search = useSearch({ from: '/content' })
  const navigate = useNavigate()
  const go = (next: ContentSearch, replace = true) => void navigate({ to: '/content', search: next, replace })
  const { data } = useQuery(checksQuery)
  const tab = search.tab ?? 'checks'
  return (
    <Page
      title="Content"
      sentence={data === undefined ? '' : <Sentence of={data} />}
      actions={
        <Link to="/content/write" className={css.button}>
          Write a check
        </Link>
      }
      fill
    >
      <div className={css.bar}>
        <TabList
          size="small"
          selectedValue={tab}
          onTabSelect={(_, { value }) => {
            const chosen = tabs.find((it) => it === value)
            go(contentSearch({ tab: chosen === 'checks' ? undefined : chosen }), false)
          }}
        >
          {tabs.map((it) => (
            <Tab key={it} value={it}>
              {tabWords[it]}
            </Tab>
          ))}
        </TabList>
        <SearchField
          value={search.q ?? ''}
          label={`Find ${tabWords[tab].toLowerCase()}`}
          placeholder="Words of title or id"
          onChange={(q) => go(contentSearch({ ...search, q }))}
        />
      </div>
      {tab === 'checks' ? <Checks search={search} go={go} /> : null}
      {tab === 'kinds' ? <KindsTab q={search.q ?? ''} /> : null}
      {tab === 'controls' ? <ControlsTab q={search.q ?? ''} /> : null}
    </Page>
  )
}

function Sentence({ of }: { of: readonly CheckLine[] }) {
  const own = of.filter((it) => it.own).length
  const cases = of.reduce((sum, it) => sum + it.cases, 0)
  return (
    <>
      {words(of.length, 'check')} {of.length === 1 ? 'judges' : 'judge'} what is imported
      {cases === 0
        ? ''
        : `, held to what ${of.length === 1 ? 'it says' : 'they say'} by ${words(cases, 'case')}`}
      .{' '}
      {own === 0 ? (
        <>None of them is yours yet.</>
      ) : (
        <Link to="/content" search={{ origin: ['own'] }}>
          {own === 1 ? 'One of them is yours' : `${count(own)} of them are yours`}.
        </Link>
      )}
    </>
  )
}

function useLabel() {
  const controlName = useControlName()
  const standardName = useStandardName()
  return (name: FilterName, value: string): string => {
    switch (name) {
      case 'cloud':
        return cloudName(value)
      case 'control':
        return controlName(value)
      case 'standard':
        return standardName(value)
      case 'origin':
        return value === 'own' ? 'You' : 'Merlon'
      case 'severity': {
        const known = severities.find((it) => it === value)
        return known === undefined ? value : severityWord(known)
      }
      default:
        return value
    }
  }
}

function Checks({
  search,
  go,
}: {
  search: ContentSearch
  go: (next: ContentSearch, replace?: boolean) => void
}) {
  const asked = useQuery(checksQuery)
  const navigate = useNavigate()
  const label = useLabel()
  const controlName = useControlName()
  const columns = useMemo(() => checkColumns(controlName), [controlName])
  const rows = useMemo(
    () => (asked.data === undefined ? undefined : fitting(asked.data, search)),
    [asked.data, search],
  )
  const source = useList({ ...asked, data: rows })
  const toggle = (name: string, value: string) => {
    const known = filterNames.find((it) => it === name)
    if (known === undefined) return
    const now: readonly string[] = search[known] ?? []
    const next = now.includes(value) ? now.filter((it) => it !== value) : [...now, value]
    go(contentSearch({ ...search, [known]: next }))
  }
  return (
    <div className={css.body}>
      <Facets
        groups={filterNames.map((name) => ({
          name,
          title: titles[name],
          chosen: search[name] ?? [],
          folded: name !== 'origin' && name !== 'cloud' && name !== 'severity',
          values: counted(asked.data ?? [], search, name).map((it) => {
            const known = name === 'severity' ? severities.find((one) => one === it.value) : undefined
            return {
              ...it,
              label: label(name, it.value),
              ...(known === undefined ? {} : { mark: <Severity value={known} /> }),
            }
          }),
        }))}
        onToggle={toggle}
        onClear={(name) => go(contentSearch({ ...search, [name]: undefined }))}
      />
      <div className={css.main}>
        <Chips
          chips={filterNames.flatMap((name) =>
            (search[name] ?? []).map((value) => ({
              name,
              value,
              title: titles[name],
              label: label(name, value),
            })),
          )}
          onRemove={({ name, value }) => toggle(name, value)}
          onClear={() => go(contentSearch({ tab: search.tab, sort: search.sort, columns: search.columns }))}
        />
        <Table
          name="checks"
          label="Checks"
          noun={['check', 'checks']}
          columns={columns}
          source={source}
          id={(it) => it.id}
          onOpen={(it) => void navigate({ to: '/content/checks/$check', params: { check: it.id } })}
          sort={{ by: search.sort ?? 'id', reverse: search.reverse ?? false }}
          onSort={({ by, reverse }) => go(contentSearch({ ...search, sort: by, reverse }))}
          shown={search.columns}
          onShown={(keys) => go(contentSearch({ ...search, columns: keys }))}
          empty={
            <EmptyState title="No check fits" action={<Link to="/content/write">Write one</Link>}>
              Clear some filters, or write a check of your own for what is missing.
            </EmptyState>
          }
        />
      </div>
    </div>
  )
}
