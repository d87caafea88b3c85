// The rules that find critical assets: those that come with Merlon and one's own, switched and levelled here.
import { Select, Switch } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Classification, classificationsQuery, setClassification } from '#/api/queries/critical'
import { SearchField } from '#/components/SearchField'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Chips } from '#/ui/Chips'
import { criticalities, criticalityOf, criticalityWord, Criticality } from '#/ui/Criticality'
import { Facets } from '#/ui/Facets'
import { CloudIcon, cloudName } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Badge } from '#/ui/parts'
import { EmptyState } from '#/ui/states'
import { count } from '#/util/format'
import { ClassificationPanel } from './ClassificationPanel'
import css from './critical.module.css'
import { counted, fitting } from './lines'
import { classificationFilters, type CriticalSearch, cleared, criticalSearch, toggled } from './search'
import { useChoice } from './use-choice'
import { assetWords, cloudsOf, originWords, stateWords } from './words'

const titles = {
  origin: 'Written by',
  state: 'State',
  level: 'Level',
  assets: 'Looks at',
  cloud: 'Cloud',
} as const

type Name = (typeof classificationFilters)[number]

function labelOf(name: Name, value: string): string {
  const words: Partial<Record<string, string>> =
    name === 'origin' ? originWords : name === 'state' ? stateWords : name === 'assets' ? assetWords : {}
  const level = name === 'level' ? criticalityOf(value) : undefined
  if (level !== undefined) return criticalityWord(level)
  return name === 'cloud' ? cloudName(value) : (words[value] ?? value)
}

export function ClassificationsTab(props: {
  search: CriticalSearch
  go: (next: CriticalSearch, replace?: boolean) => void
}) {
  const { search, go } = props
  const asked = useQuery(classificationsQuery)
  const all = asked.data?.items
  const rows = useMemo(() => (all === undefined ? undefined : fitting(all, search)), [all, search])
  const source = useList({ ...asked, data: rows })
  const opened = all?.find((it) => it.id === search.open)
  const toggle = (name: string, value: string) => {
    const known = classificationFilters.find((it) => it === name)
    if (known !== undefined) go(toggled(search, known, value))
  }
  return (
    <div className={css.beside}>
      <Facets
        groups={classificationFilters.map((name) => ({
          name,
          title: titles[name],
          chosen: search[name] ?? [],
          values: counted(all ?? [], search, name).map((it) => {
            const level = name === 'level' ? criticalityOf(it.value) : undefined
            return {
              ...it,
              label: labelOf(name, it.value),
              ...(level === undefined ? {} : { mark: <Criticality value={level} /> }),
            }
          }),
        }))}
        onToggle={toggle}
        onClear={(name) => go(criticalSearch({ ...search, [name]: undefined, open: undefined }))}
      />
      <div className={css.list}>
        <SearchField
          value={search.q ?? ''}
          label="Find classifications"
          placeholder="Words of title, description, id or kind"
          onChange={(q) => go(criticalSearch({ ...search, q, open: undefined }), true)}
        />
        <Chips
          chips={classificationFilters.flatMap((name) =>
            (search[name] ?? []).map((value) => ({
              name,
              value,
              title: titles[name],
              label: labelOf(name, value),
            })),
          )}
          onRemove={(it) => toggle(it.name, it.value)}
          onClear={() => go(cleared(search))}
        />
        <Table
          name="classifications"
          label="Classifications"
          noun={['classification', 'classifications']}
          columns={columns}
          source={source}
          id={(it) => it.id}
          opened={search.open}
          onOpen={(it, follows) => go({ ...search, open: it.id }, follows)}
          shown={search.columns}
          onShown={(keys) => go(criticalSearch({ ...search, columns: keys }), true)}
          empty={
            <EmptyState
              title="No classification fits"
              action={<Link to="/critical-assets/write">Write one</Link>}
            >
              Clear some filters, or write one of your own for what is missing.
            </EmptyState>
          }
        />
      </div>
      {opened === undefined ? null : (
        <ClassificationPanel of={opened} close={() => go(criticalSearch({ ...search, open: undefined }))} />
      )}
    </div>
  )
}

const columns: readonly Column<Classification>[] = [
  {
    key: 'title',
    title: 'Classification',
    width: 220,
    grow: true,
    card: 'title',
    cell: (it) => (
      <Link
        to="/critical-assets"
        search={{ tab: 'classifications', open: it.id }}
        plain
        title={it.description}
      >
        {it.title}
      </Link>
    ),
  },
  {
    key: 'level',
    title: 'Level',
    width: 164,
    card: 'mark',
    cell: (it) => <Level of={it} />,
  },
  { key: 'on', title: 'On', width: 72, cell: (it) => <OnSwitch of={it} /> },
  {
    key: 'matching',
    title: 'Assets',
    width: 80,
    end: true,
    card: 'line',
    cell: (it) =>
      it.matching === 0 ? (
        <span className={css.quiet}>0</span>
      ) : (
        <Link
          to="/critical-assets"
          search={{ ...(it.review ? { tab: 'review' as const } : {}), classification: [it.id] }}
          plain
        >
          {count(it.matching)}
        </Link>
      ),
  },
  {
    key: 'signs',
    title: 'Signs',
    width: 132,
    card: 'line',
    cell: (it) => (
      <span className={css.line}>
        {it.own ? <Badge>yours</Badge> : null}
        {it.review ? <Badge title="Its assets are only shown for review">review</Badge> : null}
        {it.level === it.ownLevel ? null : (
          <Badge title={`By itself it gives ${criticalityWord(it.ownLevel).toLowerCase()}`}>
            re-levelled
          </Badge>
        )}
      </span>
    ),
  },
  {
    key: 'assets',
    title: 'Looks at',
    width: 132,
    cell: (it) => assetWords[it.assets],
  },
  {
    key: 'cloud',
    title: 'Cloud',
    width: 72,
    cell: (it) => cloudsOf(it).map((cloud) => <CloudIcon key={cloud} cloud={cloud} />),
  },
  { key: 'id', title: 'Id', width: 260, hidden: true, cell: (it) => <code>{it.id}</code> },
]

/** The level that it gives here: chosen where one may, else told. */
export function Level({ of }: { of: Classification }) {
  const choice = useChoice()
  if (!of.can.includes('classification.set')) return <Criticality value={of.level} />
  return (
    <Select
      size="small"
      aria-label={`Level of ${of.title}`}
      value={of.level}
      disabled={choice.isPending}
      onClick={(event) => event.stopPropagation()}
      onChange={(_, { value }) => {
        const level = criticalityOf(value)
        if (level === undefined) return
        const before = of.level === of.ownLevel ? null : of.level
        choice.mutate({
          says: `${of.title}: ${criticalityWord(level).toLowerCase()}`,
          act: () => setClassification(of.id, { on: of.on, level: level === of.ownLevel ? null : level }),
          undo: () =>
            choice.mutate({
              says: `${of.title}: as before`,
              act: () => setClassification(of.id, { on: of.on, level: before }),
            }),
        })
      }}
    >
      {criticalities.map((it) => (
        <option key={it} value={it}>
          {criticalityWord(it)}
          {it === of.ownLevel ? ' (its own)' : ''}
        </option>
      ))}
    </Select>
  )
}

export function OnSwitch({ of, label }: { of: Classification; label?: string }) {
  const choice = useChoice()
  const may = of.can.includes('classification.set')
  const level = of.level === of.ownLevel ? null : of.level
  const set = (on: boolean) => () => setClassification(of.id, { on, level })
  // What is asked for shows at once; the list follows.
  const on = choice.isPending && choice.variables.wants !== undefined ? choice.variables.wants : of.on
  return (
    <span onClick={(event) => event.stopPropagation()} role="presentation">
      <Switch
        checked={on}
        disabled={!may}
        title={may ? undefined : 'Your roles do not include the choice of classifications'}
        aria-label={label === undefined ? `${of.title} is on` : undefined}
        {...(label === undefined ? {} : { label })}
        onChange={(_, { checked }) =>
          choice.mutate({
            says: `${of.title} is ${checked ? 'on' : 'off'}`,
            wants: checked,
            isBare: !checked,
            act: set(checked),
            undo: () =>
              choice.mutate({
                says: `${of.title} is ${checked ? 'off' : 'on'} again`,
                wants: !checked,
                isBare: checked,
                act: set(!checked),
              }),
          })
        }
      />
    </span>
  )
}
