// An editor for openCypher: colours, completion from the schema and the inventory, problems at their place.
import { lazy, type RefObject, Suspense, useLayoutEffect, useRef } from 'react'
import type { Place } from './cypher/complete'
import css from './cypher.module.css'

export interface CypherEditorProps {
  value: string
  onChange: (value: string) => void
  /** What it is, for screen readers: "Query". */
  label: string
  /** Ctrl-Enter. */
  onRun?: (() => void) | undefined
  /** What is wrong, and where. Give the same list as long as it is the same. */
  problems?: readonly Place[] | undefined
  /** The text is a condition over one variable, rather than a query; with its label, paths of it are completed. */
  predicate?: { variable: string; label: string } | undefined
  /** Lines that it is high at least. */
  rows?: number
  placeholder?: string | undefined
}

const Editor = lazy(async () => ({ default: (await import('./cypher/Editor')).Editor }))

/** A plain field until the code of the editor is here, so that one can write at once. */
export function CypherEditor(props: CypherEditorProps) {
  // Where one was writing when the editor took the place of the field.
  const caret = useRef<number>(undefined)
  return (
    <div className={css.frame}>
      <Suspense fallback={<Plain {...props} caret={caret} />}>
        <Editor {...props} caret={caret} />
      </Suspense>
    </div>
  )
}

function Plain(props: CypherEditorProps & { caret: RefObject<number | undefined> }) {
  const { value, onChange, label, rows = 6, onRun, caret } = props
  const field = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const own = field.current
    return () => {
      if (own !== null && document.activeElement === own) caret.current = own.selectionStart
    }
  }, [caret])
  return (
    <textarea
      ref={field}
      className={css.plain}
      value={value}
      rows={rows}
      aria-label={label}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onRun?.()
      }}
    />
  )
}
