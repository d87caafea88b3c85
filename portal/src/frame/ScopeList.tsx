import { Input, makeStyles, mergeClasses } from '@fluentui/react-components'
import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from 'react'
import type { Schemas } from '#/api/client'
import { SearchRegular } from '#/ui/icons'
import { EmptyState, Loading } from '#/ui/states'
import { space, tokens } from '#/ui/tokens'
import { count, point } from '#/util/format'

type Scope = Schemas['Scope']

/** Rows shown at once: with more, one types. */
const MOST = 200

const useStyles = makeStyles({
  box: { display: 'flex', flexDirection: 'column', maxHeight: 'min(520px, 70vh)' },
  search: { padding: space.s, borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  input: { width: '100%' },
  list: { overflow: 'auto', padding: space.xs, margin: 0, listStyleType: 'none' },
  row: {
    display: 'flex',
    alignItems: 'center',
    gap: space.s,
    minHeight: '32px',
    paddingInline: space.s,
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'pointer',
    fontSize: '13px',
  },
  active: { backgroundColor: tokens.colorNeutralBackground1Hover },
  chosen: { fontWeight: 600 },
  name: { flexGrow: 1, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  aside: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  empty: { padding: space.l },
})

/** The scopes with words to find one, as one list for arrow keys. */
export function ScopeList(props: {
  scopes: readonly Scope[] | undefined
  chosen: string | undefined
  choose: (scope: string | undefined) => void
}) {
  const { scopes, chosen, choose } = props
  const styles = useStyles()
  const id = useId()
  const list = useRef<HTMLUListElement>(null)
  const [words, setWords] = useState('')
  const deferred = useDeferredValue(words).trim().toLowerCase()
  const [active, setActive] = useState(0)
  if (scopes === undefined) return <Loading rows={6} />
  const rowsOf = (wanted: string): (Scope | undefined)[] => {
    const isFound = (it: Scope) => it.name.toLowerCase().includes(wanted) || it.id.toLowerCase() === wanted
    return [...(wanted === '' ? [undefined] : []), ...scopes.filter(isFound).slice(0, MOST)]
  }
  const rows = rowsOf(deferred)
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to))
    setActive(next)
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' })
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(active + 1)
    else if (event.key === 'ArrowUp') move(active - 1)
    else if (event.key === 'Enter') {
      // What is typed counts, even when the list has not caught up with it.
      const typed = rowsOf(words.trim().toLowerCase())
      if (active < typed.length) choose(typed[active]?.id)
    } else return
    event.preventDefault()
  }
  return (
    <div className={styles.box}>
      <div className={styles.search}>
        <Input
          className={styles.input}
          contentBefore={<SearchRegular />}
          autoFocus
          placeholder="Find a scope"
          aria-label="Find a scope"
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={`${id}-${active}`}
          value={words}
          onChange={(_, { value }) => {
            setWords(value)
            setActive(0)
          }}
          onKeyDown={onKey}
        />
      </div>
      {rows.length === 0 ? (
        <div className={styles.empty}>
          <EmptyState title="No scope has this name" />
        </div>
      ) : (
        <ul className={styles.list} id={`${id}-list`} role="listbox" aria-label="Scopes" ref={list}>
          {rows.map((scope, index) => (
            <li
              key={scope?.id ?? ''}
              id={`${id}-${index}`}
              role="option"
              aria-selected={scope?.id === chosen}
              className={mergeClasses(
                styles.row,
                index === active && styles.active,
                scope?.id === chosen && styles.chosen,
              )}
              style={{
                paddingInlineStart: `${8 + (scope === undefined || deferred !== '' ? 0 : scope.depth) * 16}px`,
              }}
              onClick={() => choose(scope?.id)}
              onPointerMove={() => setActive(index)}
            >
              <span className={styles.name}>{scope?.name ?? 'Everything'}</span>
              {scope === undefined ? null : (
                <span className={styles.aside}>
                  {count(scope.resources)}
                  {scope.score == null ? '' : ` · ${point(scope.score.percent)} %`}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
