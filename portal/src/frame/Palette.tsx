// One field for everything: pages, commands, recommendations, resources, scopes.
import { Dialog, DialogSurface, Input, makeStyles, mergeClasses } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import {
  type KeyboardEvent,
  type ReactElement,
  useDeferredValue,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { explain } from '#/api/errors'
import { searchQuery } from '#/api/queries/search'
import { keepScope } from '#/ui/Anchor'
import { BoxMultipleRegular, SearchRegular } from '#/ui/icons'
import { Severity } from '#/ui/Severity'
import { space, tokens } from '#/ui/tokens'
import { counted } from '#/util/format'
import { paths } from '#/util/paths'
import { commands, type Hit } from './commands'

const useStyles = makeStyles({
  surface: {
    padding: 0,
    width: 'min(640px, calc(100vw - 16px))',
    maxWidth: 'none',
    maxHeight: 'min(560px, 80vh)',
    marginTop: '10vh',
    display: 'flex',
    flexDirection: 'column',
    overflow: 'hidden',
  },
  input: { width: '100%', fontSize: '16px', border: 'none', '::after': { display: 'none' } },
  field: { padding: space.s, borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  list: { overflow: 'auto', padding: space.xs, flexGrow: 1, minHeight: 0 },
  group: {
    padding: `${space.s} ${space.s} ${space.xs}`,
    fontSize: '11px',
    lineHeight: '16px',
    fontWeight: 600,
    letterSpacing: '.04em',
    textTransform: 'uppercase',
    color: tokens.colorNeutralForeground3,
  },
  row: {
    display: 'flex',
    alignItems: 'center',
    gap: space.m,
    minHeight: '36px',
    paddingInline: space.s,
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'pointer',
    fontSize: '13px',
  },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected },
  icon: {
    width: '18px',
    fontSize: '18px',
    lineHeight: 0,
    display: 'grid',
    placeItems: 'center',
    flexShrink: 0,
  },
  title: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  aside: {
    marginInlineStart: 'auto',
    flexShrink: 0,
    maxWidth: '45%',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  none: { padding: space.l, color: tokens.colorNeutralForeground3 },
})

interface Found {
  hits: Hit[]
  /** What is to be said when that is nothing. */
  none: string
  /** Whether it was found for other words: the answer for these is not there yet. */
  isOld: boolean
}

/** What the server found for the words, as rows. */
function useFound(words: string): Found {
  const { data, error, isFetching, isPlaceholderData, isPending } = useQuery(searchQuery(words))
  const none = isFetching
    ? 'Searching…'
    : error === null
      ? 'Nothing has these words.'
      : `It could not be searched. ${explain(error).detail}`
  const isOld = words !== '' && (isPlaceholderData || (isPending && error === null))
  if (words === '' || data === undefined) return { hits: [], none, isOld }
  const { recommendations, resources } = data
  const hits: Hit[] = recommendations.items.map((it) => ({
    group: `Recommendations (${recommendations.total})`,
    id: `check ${it.id}`,
    icon: <Severity value={it.severity} quiet />,
    title: it.title,
    aside: counted(it.counted.unhealthy, 'unhealthy', 'unhealthy'),
    href: paths.recommendation(it.id),
  }))
  hits.push(
    ...resources.items.map((it) => ({
      group: `Resources (${resources.total})`,
      id: `resource ${it.id}`,
      icon: <BoxMultipleRegular />,
      title: it.name,
      aside: it.kindTitle ?? it.kind,
      href: paths.resource(it.id),
    })),
  )
  const all = (total: number, title: string, href: string): Hit[] =>
    total > 6 ? [{ group: 'All', id: href, icon: <SearchRegular />, title, aside: '', href }] : []
  hits.push(
    ...all(
      recommendations.total,
      `All ${recommendations.total} recommendations with “${words}”`,
      paths.recommendations({ q: words }),
    ),
    ...all(
      resources.total,
      `All ${resources.total} resources with “${words}”`,
      paths.inventory({ q: words }),
    ),
  )
  return { hits, none, isOld }
}

/** The palette. It closes by itself when something was chosen. */
export function Palette({ close }: { close: () => void }) {
  const styles = useStyles()
  const router = useRouter()
  const scope = useSearch({ strict: false, select: (search) => search.scope })
  const [words, setWords] = useState('')
  const late = useDeferredValue(words)
  const { hits, none, isOld } = useFound(late.trim())
  const own = commands(words)
  const rows = [...own, ...hits]
  const choose = (hit: Hit | undefined) => {
    if (hit === undefined) return
    close()
    if (hit.href !== undefined) router.history.push(keepScope(hit.href, scope))
    hit.do?.()
  }
  const isBehind = isOld || late !== words
  return (
    <Dialog open onOpenChange={(_, it) => it.open || close()}>
      <DialogSurface className={styles.surface} aria-label="Search and commands">
        <Rows
          rows={rows}
          fresh={isBehind ? own.length : rows.length}
          isBehind={isBehind}
          none={none}
          words={words}
          setWords={setWords}
          choose={choose}
        />
      </DialogSurface>
    </Dialog>
  )
}

function Rows(props: {
  rows: readonly Hit[]
  /** How many of them, from the first on, are for the words as they are now. */
  fresh: number
  /** Whether the answer for the words as they are now is yet to come. */
  isBehind: boolean
  none: string
  words: string
  setWords: (words: string) => void
  choose: (hit: Hit | undefined) => void
}) {
  const { rows, fresh, isBehind, words, setWords, choose } = props
  const styles = useStyles()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [wanted, setActive] = useState(0)
  const active = Math.min(wanted, Math.max(0, rows.length - 1))
  // Enter before the answer is there means the first row of the answer, never one for the words before.
  const [isAwaited, awaitAnswer] = useState(false)
  const isThere = isAwaited && active < fresh
  const latest = useRef(choose)
  useEffect(() => {
    latest.current = choose
  })
  const [first] = rows
  useEffect(() => {
    if (isThere) latest.current(first)
  }, [isThere, first])
  const move = (to: number) => {
    const next = (to + rows.length) % Math.max(1, rows.length)
    setActive(next)
    list.current?.querySelectorAll('[role="option"]')[next]?.scrollIntoView({ block: 'nearest' })
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(active + 1)
    else if (event.key === 'ArrowUp') move(active - 1)
    else if (event.key !== 'Enter') return
    else if (active < fresh) choose(rows[active])
    else if (isBehind) {
      setActive(0)
      awaitAnswer(true)
    }
    event.preventDefault()
  }
  return (
    <>
      <div className={styles.field}>
        <Input
          className={styles.input}
          size="large"
          autoFocus
          contentBefore={<SearchRegular />}
          placeholder="Search resources and recommendations, or say where to go"
          aria-label="Search or command"
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={rows.length === 0 ? undefined : `${id}-${active}`}
          value={words}
          onChange={(_, { value }) => {
            setWords(value)
            setActive(0)
            awaitAnswer(false)
          }}
          onKeyDown={onKey}
        />
      </div>
      <div className={styles.list} role="listbox" aria-label="What was found" id={`${id}-list`} ref={list}>
        {rows.map((hit, index) => (
          <Row
            key={hit.id}
            id={`${id}-${index}`}
            hit={hit}
            heading={hit.group === rows[index - 1]?.group ? null : hit.group}
            isActive={index === active}
            choose={() => choose(hit)}
            point={() => setActive(index)}
          />
        ))}
        {rows.length === 0 ? <div className={styles.none}>{props.none}</div> : null}
      </div>
    </>
  )
}

function Row(props: {
  id: string
  hit: Hit
  heading: string | null
  isActive: boolean
  choose: () => void
  point: () => void
}): ReactElement {
  const { id, hit, heading, isActive } = props
  const styles = useStyles()
  return (
    <>
      {heading === null ? null : (
        <div className={styles.group} role="presentation">
          {heading}
        </div>
      )}
      <div
        id={id}
        role="option"
        aria-selected={isActive}
        tabIndex={-1}
        className={mergeClasses(styles.row, isActive && styles.active)}
        onClick={props.choose}
        onPointerMove={props.point}
      >
        <span className={styles.icon}>{hit.icon}</span>
        <span className={styles.title}>{hit.title}</span>
        <span className={styles.aside}>{hit.aside}</span>
      </div>
    </>
  )
}
