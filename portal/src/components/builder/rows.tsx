// The rows of the builder: conditions, groups, connections, elements of lists; each may hold further rows.
import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Select,
} from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useMemo, useRef } from 'react'
import { AddRegular, DismissRegular } from '#/ui/icons'
import { count } from '#/util/format'
import css from './builder.module.css'
import { Choice } from './Choice'
import {
  type Connection,
  type Elements,
  type Group,
  type Item,
  newConnection,
  newElements,
  newGroup,
  newTest,
  pathOf,
  textOf,
  type Thing,
} from './form'
import { TestRow } from './TestRow'
import { offeredOf, vocabularyQuery } from './vocabulary'
import { insights, titleOf } from './words'

/** What rows are about. */
export interface Place {
  /** Labels of the thing; the labels that it may have when it is the element of a list do not count. */
  labels: readonly string[]
  /** The list of whose elements they are. */
  inside?: readonly string[]
  /** A connected thing may be a column here. */
  canShow: boolean
  depth: number
}

/** What is known of the things that rows are about. */
function useVocabulary(labels: readonly string[]) {
  return useQuery({
    ...vocabularyQuery(labels.length === 0 ? ['Resource'] : labels),
    placeholderData: keepPreviousData,
  }).data
}

/** Which labels a thing has: any of several. */
export function Labels(props: {
  of: Thing
  change: (thing: Thing) => void
  name: string
  /** Labels that are met most at the other end, most frequent first. */
  near?: readonly string[]
}) {
  const { of, near = [] } = props
  const all = useVocabulary([])?.labels
  const options = useMemo(() => {
    const isNear = new Set(near)
    const first = (all ?? []).filter((it) => isNear.has(it.label))
    const rest = (all ?? []).filter((it) => !isNear.has(it.label) && it.label !== 'Resource')
    return [...first, ...rest].map((it) => ({ value: it.label, text: it.label, aside: count(it.things) }))
  }, [all, near])
  const set = (labels: string[]) => props.change({ ...of, labels })
  return (
    <span className={css.labels}>
      {of.labels.map((label, at) => (
        <span key={label} className={css.chip}>
          {at === 0 ? null : <span className={css.word}>or</span>}
          <span className={css.label}>{label}</span>
          <button
            type="button"
            className={css.drop}
            aria-label={`Remove ${label}`}
            onClick={() => set(of.labels.filter((it) => it !== label))}
          >
            <DismissRegular aria-hidden="true" />
          </button>
        </span>
      ))}
      <Choice
        label={props.name}
        value=""
        placeholder={of.labels.length === 0 ? 'anything, or a type' : 'or another type'}
        options={options.filter((it) => !of.labels.includes(it.value))}
        isFree={false}
        width={of.labels.length === 0 ? 220 : 150}
        choose={(label) => {
          if (label !== '') set([...of.labels, label])
        }}
      />
    </span>
  )
}

/** All rows of one place, with the menu that adds one. */
export function Conditions(props: {
  items: readonly Item[]
  change: (items: Item[]) => void
  place: Place
  joint?: 'and' | 'or'
}) {
  const { items, change, place, joint = 'and' } = props
  const list = useRef<HTMLUListElement>(null)
  const put = (at: number, item: Item) => change(items.map((it, n) => (n === at ? item : it)))
  const drop = (at: number) => {
    change(items.filter((_, n) => n !== at))
    // The focus goes to the row before, or to what adds one.
    const own = list.current
    requestAnimationFrame(() => {
      const rows = own?.querySelectorAll<HTMLElement>(':scope > li > [data-row] > button[data-drop]')
      const next =
        rows?.[Math.max(0, at - 1)] ??
        own?.parentElement?.querySelector<HTMLElement>(':scope > [data-add] button')
      next?.focus()
    })
  }
  const add = (item: Item) => {
    change([...items, item])
    const own = list.current
    requestAnimationFrame(() => {
      const rows = own?.querySelectorAll<HTMLElement>(':scope > li')
      rows?.[rows.length - 1]?.querySelector<HTMLElement>('input, select')?.focus()
    })
  }
  return (
    <div className={css.conditions}>
      <ul ref={list} className={css.rows}>
        {items.map((item, at) => (
          // A row has no identity but its place.
          <li key={at} className={css.item}>
            <span className={css.joint}>{at === 0 ? (place.depth === 0 ? 'that' : 'where') : joint}</span>
            <Row item={item} put={(it) => put(at, it)} drop={() => drop(at)} place={place} />
          </li>
        ))}
      </ul>
      <div data-add="" className={css.add}>
        <Add add={add} place={place} />
      </div>
    </div>
  )
}

function Add({ add, place }: { add: (item: Item) => void; place: Place }) {
  const isElement = place.inside !== undefined
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<AddRegular />}>
          Add
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem onClick={() => add(newTest())}>A condition on a value</MenuItem>
          {isElement ? null : (
            <>
              <MenuItem onClick={() => add(newTest(['merlon', 'tags', 'env']))}>A tag</MenuItem>
              <MenuItem onClick={() => add(newConnection(place.canShow))}>A connected thing</MenuItem>
            </>
          )}
          <MenuItem onClick={() => add(newElements())}>Elements of a list</MenuItem>
          <MenuItem onClick={() => add(newGroup(true))}>A group, any of which</MenuItem>
          <MenuItem onClick={() => add(newGroup(false))}>A group, all of which</MenuItem>
          {isElement ? null : (
            <>
              <MenuDivider />
              {insights.map((it) => (
                <MenuItem key={it.label} onClick={() => add(it.make(place.canShow))}>
                  {it.label}
                </MenuItem>
              ))}
            </>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

interface RowProps<T> {
  item: T
  put: (item: Item) => void
  drop: () => void
  place: Place
}

function Row({ item, ...rest }: RowProps<Item>) {
  switch (item.is) {
    case 'test':
      return <TestLine item={item} {...rest} />
    case 'group':
      return <GroupRow item={item} {...rest} />
    case 'connection':
      return <ConnectionRow item={item} {...rest} />
    case 'elements':
      return <ElementsRow item={item} {...rest} />
  }
}

function TestLine({ item, put, drop, place }: RowProps<Extract<Item, { is: 'test' }>>) {
  const of = useVocabulary(place.labels)
  const offered = useMemo(() => offeredOf(of, place.inside), [of, place.inside])
  return (
    <div data-row="" className={css.line}>
      <TestRow test={item} change={put} offered={offered} isElement={place.inside !== undefined} />
      <Drop what="condition" drop={drop} />
    </div>
  )
}

/** `data-drop` is how the focus finds the button after a row is gone. */
function Drop({ what, drop }: { what: string; drop: () => void }) {
  return (
    <button type="button" data-drop="" className={css.drop} aria-label={`Remove ${what}`} onClick={drop}>
      <DismissRegular aria-hidden="true" />
    </button>
  )
}

function GroupRow({ item, put, drop, place }: RowProps<Group>) {
  const key = `${item.not ? 'not ' : ''}${item.isAny ? 'any' : 'all'}`
  const change = (items: Item[]) => put({ ...item, items })
  return (
    <>
      <div data-row="" className={css.line}>
        <Select
          size="small"
          aria-label="Which of the group"
          value={key}
          onChange={(_, { value }) =>
            put({ ...item, not: value.startsWith('not'), isAny: value.endsWith('any') })
          }
        >
          <option value="any">any of these holds</option>
          <option value="all">all of these hold</option>
          <option value="not any">none of these holds</option>
          <option value="not all">not all of these hold</option>
        </Select>
        <Drop what="group" drop={drop} />
      </div>
      <div className={css.nested}>
        <Conditions
          items={item.items}
          change={change}
          place={{ ...place, canShow: false, depth: place.depth + 1 }}
          joint={item.isAny ? 'or' : 'and'}
        />
      </div>
    </>
  )
}

const hops: ReadonlyArray<readonly [string, string, Connection['hops']]> = [
  ['1', 'directly', undefined],
  ['2', 'over 1 to 2 steps', { least: 1, most: 2 }],
  ['3', 'over 1 to 3 steps', { least: 1, most: 3 }],
  ['5', 'over 1 to 5 steps', { least: 1, most: 5 }],
]

function hopsKey(of: Connection['hops']): string {
  if (of === undefined || of === null) return '1'
  return (
    hops.find(([, , it]) => it !== undefined && it.least === (of.least ?? 1) && it.most === of.most)?.[0] ??
    'own'
  )
}

function ConnectionRow({ item, put, drop, place }: RowProps<Connection>) {
  const of = useVocabulary(place.labels)
  const id = useId()
  const edges = useMemo(() => edgesOf(of?.edges ?? []), [of])
  const key = `${item.direction} ${item.types.join('|')}`
  const own = edges.find((it) => it.value === key)
  const near = useMemo(() => own?.labels ?? [], [own])
  const change = (thing: Thing) => put({ ...item, thing })
  const own_hops = hopsKey(item.hops)
  return (
    <>
      <div data-row="" className={css.line} id={id}>
        <Select
          size="small"
          aria-label="Whether it is connected"
          value={item.presence}
          onChange={(_, { value }) =>
            put({
              ...item,
              presence:
                (['shown', 'joined', 'exists', 'absent'] as const).find((it) => it === value) ?? 'exists',
            })
          }
        >
          {place.canShow ? <option value="shown">is connected, shown in a column, by</option> : null}
          <option value="exists">is connected by</option>
          <option value="absent">is not connected by</option>
          {item.presence === 'joined' ? (
            <option value="joined">is connected, by other edges, by</option>
          ) : null}
        </Select>
        <Choice
          label="Edge"
          value={item.types.length === 0 ? '' : edgeText(item.direction, item.types.join('|'))}
          placeholder="any edge"
          options={edges}
          isFree={false}
          width={230}
          choose={(value) => {
            const [direction = 'either', types = ''] = value.split(' ')
            put({
              ...item,
              direction: direction === 'out' || direction === 'in' ? direction : 'either',
              types: types === '' ? [] : types.split('|'),
            })
          }}
        />
        <Select
          size="small"
          aria-label="How far"
          value={own_hops}
          onChange={(_, { value }) => {
            const { hops: _gone, ...rest } = item
            const wanted = hops.find(([it]) => it === value)?.[2]
            put(wanted === undefined ? rest : { ...rest, hops: wanted })
          }}
        >
          {hops.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          {own_hops === 'own' ? (
            <option value="own">
              over {item.hops?.least ?? 1} to {item.hops?.most ?? 'any number of'} steps
            </option>
          ) : null}
        </Select>
        <span className={css.word}>with</span>
        <Labels of={item.thing} change={change} name="Connected thing" near={near} />
        <Drop what="connection" drop={drop} />
      </div>
      <div className={css.nested}>
        <Conditions
          items={item.thing.items}
          change={(items) => change({ ...item.thing, items })}
          place={{
            labels: item.thing.labels.length === 0 ? near.slice(0, 4) : item.thing.labels,
            canShow: place.canShow && item.presence !== 'exists' && item.presence !== 'absent',
            depth: place.depth + 1,
          }}
        />
      </div>
    </>
  )
}

function edgeText(direction: string, types: string): string {
  if (direction === 'in') return `← ${types}`
  return direction === 'out' ? `${types} →` : `↔ ${types}`
}

/** Edges of things, with the labels at their other ends. */
function edgesOf(seen: readonly { type: string; isOutgoing: boolean; label: string; edges: number }[]) {
  const found = new Map<string, { value: string; text: string; aside: string; labels: string[] }>()
  for (const it of seen) {
    const direction = it.isOutgoing ? 'out' : 'in'
    const value = `${direction} ${it.type}`
    const known = found.get(value)
    if (known === undefined) {
      found.set(value, { value, text: edgeText(direction, it.type), aside: it.label, labels: [it.label] })
    } else {
      known.labels.push(it.label)
      if (known.labels.length <= 3) known.aside += `, ${it.label}`
    }
  }
  return [...found.values(), { value: 'either ', text: 'any edge', aside: '', labels: [] }]
}

function ElementsRow({ item, put, drop, place }: RowProps<Elements>) {
  const of = useVocabulary(place.labels)
  const lists = useMemo(
    () =>
      offeredOf(of, place.inside)
        .filter((it) => it.types.includes('list'))
        .map((it) => ({ value: it.path, text: titleOf(it.path), aside: '' })),
    [of, place.inside],
  )
  const key = `${item.not ? 'not ' : ''}${item.quantifier}`
  return (
    <>
      <div data-row="" className={css.line}>
        <Select
          size="small"
          aria-label="How many elements"
          value={key}
          onChange={(_, { value }) => {
            const quantifier =
              (['any', 'all', 'none', 'single'] as const).find((it) => value.endsWith(it)) ?? 'any'
            put({ ...item, quantifier, not: value.startsWith('not') })
          }}
        >
          <option value="any">has an element in</option>
          <option value="none">has no element in</option>
          <option value="all">has only such elements in</option>
          <option value="single">has exactly one element in</option>
          {item.not ? <option value={key}>not: {item.quantifier} of</option> : null}
        </Select>
        <Choice
          label="List"
          value={textOf(item.path)}
          placeholder="a list"
          options={lists}
          isFree
          width={260}
          choose={(text) => put({ ...item, path: pathOf(text) })}
        />
        <Drop what="list" drop={drop} />
      </div>
      <div className={css.nested}>
        <Conditions
          items={item.items}
          change={(items) => put({ ...item, items })}
          place={{
            labels: place.labels,
            inside: [...(place.inside === undefined ? [] : [...place.inside, '*']), ...item.path],
            canShow: false,
            depth: place.depth + 1,
          }}
        />
      </div>
    </>
  )
}
