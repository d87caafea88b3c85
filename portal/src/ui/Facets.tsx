// What a list can be narrowed to, with how many there are of each: a column beside it, or a drawer on a phone.
import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  OverlayDrawer,
} from '@fluentui/react-components'
import { type ReactNode, useId, useState } from 'react'
import { useNarrow } from '#/hooks/use-narrow'
import { count } from '#/util/format'
import css from './facets.module.css'
import { DismissRegular, FilterRegular } from './icons'

export interface FacetValue {
  value: string
  /** Its name for people, where the value is none. */
  label?: string
  /** What stands for the name on the page, such as a severity with its shape. */
  mark?: ReactNode
  count: number
}

export interface FacetGroup {
  /** The parameter that it sets. */
  name: string
  title: string
  /** Its values, the most frequent first. */
  values: readonly FacetValue[]
  /** Values that the server did not list. */
  more?: number
  chosen: readonly string[]
  /** Whether its own words can be chosen, too: `key=value` of a tag. Says how. */
  free?: string
  /** Folded until somebody opens it. */
  folded?: boolean
}

interface FacetsProps {
  groups: readonly FacetGroup[]
  /** A value was chosen, or let go. */
  onToggle: (group: string, value: string) => void
  /** All values of a group were let go. */
  onClear: (group: string) => void
}

/** Values of a group that are seen before somebody asks for all. */
const SEEN = 6

/** The column of facets. Where the window is narrow it is a button that opens a drawer. */
export function Facets(props: FacetsProps) {
  const isNarrow = useNarrow()
  const [isOpen, setOpen] = useState(false)
  const chosen = props.groups.reduce((sum, it) => sum + it.chosen.length, 0)
  if (!isNarrow) {
    return (
      <section className={css.facets} aria-label="Filters">
        <Groups {...props} />
      </section>
    )
  }
  return (
    <>
      <Button icon={<FilterRegular />} onClick={() => setOpen(true)}>
        Filters{chosen > 0 ? ` (${chosen})` : ''}
      </Button>
      <OverlayDrawer open={isOpen} position="start" onOpenChange={(_, { open }) => setOpen(open)}>
        <DrawerHeader>
          <DrawerHeaderTitle
            action={
              <Button
                appearance="subtle"
                aria-label="Close"
                icon={<DismissRegular />}
                onClick={() => setOpen(false)}
              />
            }
          >
            Filters
          </DrawerHeaderTitle>
        </DrawerHeader>
        <DrawerBody>
          <Groups {...props} />
        </DrawerBody>
      </OverlayDrawer>
    </>
  )
}

function Groups({ groups, onToggle, onClear }: FacetsProps) {
  return groups.map((it) =>
    it.values.length === 0 && it.chosen.length === 0 && it.free === undefined ? null : (
      <Group key={it.name} group={it} onToggle={onToggle} onClear={onClear} />
    ),
  )
}

/** The values of a group that are seen: the chosen ones always, the others as far as they fit what is sought. */
export function valuesSeen(group: FacetGroup, sought: string, all: boolean): readonly FacetValue[] {
  const missing = group.chosen.filter((it) => !group.values.some((value) => value.value === it))
  const known: readonly FacetValue[] = [...missing.map((value) => ({ value, count: 0 })), ...group.values]
  const words = sought.trim().toLowerCase()
  if (words !== '') return known.filter((it) => `${it.label ?? ''} ${it.value}`.toLowerCase().includes(words))
  if (all) return known
  return known.filter((it, place) => place < SEEN || group.chosen.includes(it.value))
}

function Group({ group, onToggle, onClear }: Omit<FacetsProps, 'groups'> & { group: FacetGroup }) {
  const [sought, seek] = useState('')
  const [all, setAll] = useState(false)
  const titleId = useId()
  const isLong = group.values.length > SEEN + 2
  const values = valuesSeen(group, sought, all || !isLong)
  const more = group.more ?? 0
  return (
    <details className={css.group} open={group.folded !== true || group.chosen.length > 0}>
      <summary className={css.summary} id={titleId}>
        {group.title}
        {group.chosen.length > 0 ? <span className={css.chosen}>{group.chosen.length} chosen</span> : null}
      </summary>
      <div role="group" aria-labelledby={titleId}>
        {isLong || group.free !== undefined ? (
          <input
            type="search"
            className={css.search}
            value={sought}
            placeholder={group.free ?? `Find among ${count(group.values.length + more)}`}
            aria-label={`Find in ${group.title}`}
            onChange={(event) => seek(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              const value = group.free === undefined ? values[0]?.value : sought.trim()
              if (value !== undefined && value !== '') onToggle(group.name, value)
              seek('')
            }}
          />
        ) : null}
        {values.map((it) => (
          <label key={it.value} className={css.value}>
            <input
              type="checkbox"
              checked={group.chosen.includes(it.value)}
              onChange={() => onToggle(group.name, it.value)}
            />
            <span className={css.name} title={it.label ?? it.value}>
              {it.mark ?? it.label ?? it.value}
            </span>
            <span className={css.count}>{count(it.count)}</span>
          </label>
        ))}
        {sought !== '' && values.length === 0 ? (
          <p className={css.quiet}>
            {group.free === undefined
              ? more > 0
                ? 'Not among the most frequent.'
                : 'There is none.'
              : 'Press Enter to filter by it.'}
          </p>
        ) : null}
        <span className={css.foot}>
          {isLong && sought === '' ? (
            <button type="button" className={css.more} onClick={() => setAll(!all)}>
              {all ? 'Show fewer' : `Show all ${count(group.values.length + more)}`}
            </button>
          ) : null}
          {group.chosen.length > 0 ? (
            <button type="button" className={css.more} onClick={() => onClear(group.name)}>
              Clear
            </button>
          ) : null}
        </span>
        {all && more > 0 ? <p className={css.quiet}>{count(more)} rarer ones are not listed.</p> : null}
      </div>
    </details>
  )
}
