// A document as a tree: folded and unfolded, searched, walked by keys, each value with its path.
import { Button, mergeClasses } from '@fluentui/react-components'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { count } from '#/util/format'
import { copyText } from '../Copyable'
import { notify } from '../notify'
import { JsonValue } from './JsonValue'
import css from './json.module.css'
import { above, foldedAtFirst, found, inLine, type Json, type Line, linesOf, unfolded } from './lines'

/** A place in the document that something rests on. */
export interface Mark {
  path: string
  /** Why it is marked, in a few words: "Bucket is public". */
  note: string
}

const HEIGHT = 22

/**
 * A document. `marks` are shown beside their lines; `onCheck` offers to write a check from a value. `focus` is a path
 * that is unfolded and brought into view.
 */
export function JsonTree(props: {
  value: Json
  label: string
  marks?: readonly Mark[]
  focus?: string | undefined
  onCheck?: ((path: string, value: Json) => void) | undefined
  /** Height in pixels at most. */
  height?: number
  tools?: ReactNode
}) {
  const { value, marks = none, focus } = props
  const lines = useMemo(() => linesOf(value), [value])
  // Marks come after the document: until somebody folds something, what they mark is unfolded.
  const marked = marks.map((it) => it.path).join('\n')
  const atFirst = useMemo(() => foldedAtFirst(lines, marked.split('\n')), [lines, marked])
  const [own, fold] = useState<ReadonlySet<string>>()
  const folded = own ?? atFirst
  const [words, seek] = useState('')
  const [hit, setHit] = useState(0)
  const [active, setActive] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const wantsFocus = useRef(false)
  const seen = useMemo(() => unfolded(lines, folded), [lines, folded])
  const hits = useMemo(() => found(lines, words), [lines, words])
  const hitPaths = useMemo(() => new Set(hits.map((it) => it.path)), [hits])
  const notes = useMemo(() => notesOf(marks), [marks])
  const virtual = useVirtualizer({
    count: seen.length,
    getScrollElement: () => box.current,
    estimateSize: () => HEIGHT,
    overscan: 20,
    useFlushSync: false,
  })

  const reveal = (line: Line | undefined) => {
    if (line === undefined) return
    const open = new Set(folded)
    const wasFolded = above(lines, line).filter((path) => open.delete(path))
    if (wasFolded.length > 0) fold(open)
    const place = unfolded(lines, open).indexOf(line)
    setActive(place)
    // The list has grown by what was folded before it is drawn again.
    requestAnimationFrame(() => virtual.scrollToIndex(place, { align: 'center' }))
  }
  const goTo = (to: number) => {
    if (hits.length === 0) return
    const next = (to + hits.length) % hits.length
    setHit(next)
    reveal(hits[next])
  }
  // The first hit is shown when the words change, the place of the address when that changes: not at each fold.
  const latest = useRef(reveal)
  useEffect(() => {
    latest.current = reveal
  })
  useEffect(() => {
    setHit(0)
    latest.current(hits[0])
  }, [hits])
  useEffect(() => {
    if (focus !== undefined) latest.current(lines.find((it) => it.path === focus))
  }, [focus, lines])

  const toggle = (line: Line) => {
    const next = new Set(folded)
    if (!next.delete(line.path)) next.add(line.path)
    fold(next)
  }
  const go = (to: number) => {
    const place = Math.max(0, Math.min(seen.length - 1, to))
    wantsFocus.current = true
    setActive(place)
    virtual.scrollToIndex(place)
  }
  const onKey = (event: KeyboardEvent) => {
    const line = seen[active]
    if (line === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const isOpen = line.size !== undefined && line.size > 0 && !folded.has(line.path)
    const isFolded = line.size !== undefined && line.size > 0 && folded.has(line.path)
    switch (event.key) {
      case 'ArrowDown':
      case 'j':
        go(active + 1)
        break
      case 'ArrowUp':
      case 'k':
        go(active - 1)
        break
      case 'Home':
        go(0)
        break
      case 'End':
        go(seen.length - 1)
        break
      case 'ArrowRight':
        if (isFolded) toggle(line)
        else if (isOpen) go(active + 1)
        break
      case 'ArrowLeft':
        if (isOpen) toggle(line)
        else go(parentPlace(seen, lines, line))
        break
      case 'Enter':
      case ' ':
        if (event.target !== event.currentTarget && event.target instanceof HTMLButtonElement) return
        if (isOpen || isFolded) toggle(line)
        break
      case 'c':
        void copied(line.path, 'the path')
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const folds = lines.filter((it) => it.depth > 0 && (it.size ?? 0) > 0)
  return (
    <div className={css.tree}>
      <div className={css.tools}>
        <input
          type="search"
          className={css.search}
          value={words}
          placeholder="Find a key, a value or a path"
          aria-label={`Find in ${props.label}`}
          onChange={(event) => seek(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') goTo(hit + (event.shiftKey ? -1 : 1))
          }}
        />
        <span role="status" className={css.quiet}>
          {words.trim() === ''
            ? ''
            : hits.length === 0
              ? 'Nothing found'
              : `${hit + 1} of ${count(hits.length)}`}
        </span>
        <span className={css.grow} />
        {props.tools}
        <Button size="small" appearance="subtle" onClick={() => fold(new Set(folds.map((it) => it.path)))}>
          Fold all
        </Button>
        <Button size="small" appearance="subtle" onClick={() => fold(new Set())}>
          Unfold all
        </Button>
        <Button
          size="small"
          appearance="subtle"
          onClick={() => void copied(JSON.stringify(value, null, 2), 'the document')}
        >
          Copy
        </Button>
      </div>
      <div
        ref={box}
        role="tree"
        aria-label={props.label}
        className={css.box}
        style={{ height: Math.min(seen.length * HEIGHT + 18, props.height ?? 640) }}
        onKeyDown={onKey}
      >
        <div role="presentation" className={css.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const line = seen[item.index]
            return line === undefined ? null : (
              <TreeLine
                key={line.path}
                line={line}
                top={item.start}
                isFolded={folded.has(line.path)}
                isActive={item.index === active}
                isHit={hitPaths.has(line.path)}
                isAt={hits[hit] === line}
                note={notes.get(line.path)}
                wantsFocus={wantsFocus}
                onActive={() => setActive(item.index)}
                onToggle={() => toggle(line)}
                onCheck={props.onCheck}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

const none: readonly Mark[] = []

function notesOf(marks: readonly Mark[]): ReadonlyMap<string, string> {
  const notes = new Map<string, string>()
  for (const { path, note } of marks) {
    const before = notes.get(path)
    notes.set(path, before === undefined ? note : `${before} · ${note}`)
  }
  return notes
}

async function copied(text: string, what: string) {
  const isDone = await copyText(text)
  notify(
    isDone
      ? { intent: 'success', title: `Copied ${what}` }
      : { intent: 'error', title: 'The browser does not let this page copy' },
  )
}

function TreeLine(props: {
  line: Line
  top: number
  isFolded: boolean
  isActive: boolean
  isHit: boolean
  isAt: boolean
  note: string | undefined
  wantsFocus: React.RefObject<boolean>
  onActive: () => void
  onToggle: () => void
  onCheck: ((path: string, value: Json) => void) | undefined
}) {
  const { line, isFolded, isActive, note, wantsFocus, onCheck } = props
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isActive || !wantsFocus.current) return
    wantsFocus.current = false
    ref.current?.focus({ preventScroll: true })
  }, [isActive, wantsFocus])
  const holds = line.size !== undefined && line.size > 0
  const name = line.key ?? (line.index === undefined ? '' : String(line.index))
  return (
    <div
      ref={ref}
      role="treeitem"
      tabIndex={isActive ? 0 : -1}
      aria-level={line.depth + 1}
      aria-expanded={holds ? !isFolded : undefined}
      aria-label={labelOf(line, note)}
      className={mergeClasses(
        css.line,
        note !== undefined && css.marked,
        props.isHit && css.hit,
        props.isAt && css.at,
      )}
      style={{ transform: `translateY(${props.top}px)`, paddingLeft: 8 + line.depth * 16 }}
      onFocus={props.onActive}
      onClick={() => {
        if (holds && (document.getSelection()?.toString() ?? '') === '') props.onToggle()
      }}
    >
      <span
        className={mergeClasses(css.fold, holds && (isFolded ? css.closed : css.open))}
        aria-hidden="true"
      />
      {name === '' ? null : (
        <>
          <span className={line.key === undefined ? css.index : css.key}>{name}</span>
          <span className={css.quiet}>: </span>
        </>
      )}
      <Short line={line} isFolded={isFolded} />
      {note === undefined ? null : <span className={css.note}>{note}</span>}
      {line.path === '' ? null : (
        <span className={css.actions}>
          <Act label="Copy path" active={isActive} act={() => void copied(line.path, 'the path')} />
          <Act
            label="Copy value"
            active={isActive}
            act={() => void copied(textOf(line.value), 'the value')}
          />
          {onCheck === undefined ? null : (
            <Act
              label="Write a check from this value"
              active={isActive}
              act={() => onCheck(line.path, line.value)}
            />
          )}
        </span>
      )}
    </div>
  )
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
}

function labelOf(line: Line, note: string | undefined): string {
  const name = line.key ?? (line.index === undefined ? 'document' : `item ${line.index}`)
  const what =
    line.size === undefined
      ? inLine(line.value)
      : `${line.size} ${Array.isArray(line.value) ? 'items' : 'entries'}`
  return `${name}: ${what}${note === undefined ? '' : `. ${note}`}`
}

function Act({ label, active, act }: { label: string; active: boolean; act: () => void }) {
  return (
    <button
      type="button"
      className={css.act}
      tabIndex={active ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation()
        act()
      }}
    >
      {label}
    </button>
  )
}

function Short({ line, isFolded }: { line: Line; isFolded: boolean }) {
  if (line.size === undefined) return <JsonValue value={line.value} />
  const isList = Array.isArray(line.value)
  if (line.size === 0) return <span className={css.quiet}>{isList ? '[]' : '{}'}</span>
  const words = isList ? (line.size === 1 ? 'item' : 'items') : line.size === 1 ? 'entry' : 'entries'
  return (
    <span className={css.quiet}>
      {isList ? '[' : '{'}
      {isFolded ? ` ${count(line.size)} ${words} ${isList ? ']' : '}'}` : ''}
    </span>
  )
}

function parentPlace(seen: readonly Line[], lines: readonly Line[], line: Line): number {
  const parent = lines[line.parent]
  return parent === undefined ? 0 : seen.indexOf(parent)
}
