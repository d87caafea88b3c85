// The editor itself. It is fetched when a page needs it: `CypherEditor` is what pages use.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { useQueryClient } from '@tanstack/react-query'
import { type RefObject, useEffect, useRef } from 'react'
import { sampleOf, schemaQuery } from '#/api/queries/query'
import { inLine, linesOf, pathOf } from '#/ui/json/lines'
import { cspNonce } from '#/ui/nonce'
import type { CypherEditorProps } from '../CypherEditor'
import { rangeOf, wantedAt } from './complete'
import { colours, cypher } from './language'
import { functions, keywords } from './words'

const look = EditorView.theme({
  '&': {
    fontSize: '13px',
    backgroundColor: 'var(--colorNeutralBackground1)',
    color: 'var(--colorNeutralForeground1)',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': {
    fontFamily: 'var(--fontFamilyMonospace)',
    padding: '8px 0',
    caretColor: 'var(--colorNeutralForeground1)',
  },
  '.cm-gutters': {
    backgroundColor: 'transparent',
    color: 'var(--colorNeutralForeground3)',
    border: 'none',
  },
  '.cm-cursor': { borderLeftColor: 'var(--colorNeutralForeground1)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--colorBrandBackground2)',
  },
  '.cm-tooltip': {
    border: '1px solid var(--colorNeutralStroke1)',
    borderRadius: '4px',
    backgroundColor: 'var(--colorNeutralBackground1)',
    color: 'var(--colorNeutralForeground1)',
    boxShadow: 'var(--shadow8)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--fontFamilyMonospace)',
    fontSize: '12px',
    maxHeight: '240px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--colorBrandBackground)',
    color: 'var(--colorNeutralForegroundOnBrand)',
  },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '0.8', marginLeft: '12px' },
  '.cm-matchingBracket': { backgroundColor: 'var(--colorNeutralBackground3)', outline: 'none' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--verdict-unhealthy)',
    textUnderlineOffset: '3px',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--verdict-unhealthy)' },
  '.cm-placeholder': { color: 'var(--colorNeutralForeground3)' },
})

const words: readonly Completion[] = [
  ...keywords.map((label) => ({ label, type: 'keyword' })),
  ...functions.map((it) => ({
    label: it.name,
    detail: `(${it.takes})`,
    apply: `${it.name}(`,
    type: 'function',
    boost: -1,
  })),
]

/** `caret` is where one was writing before the editor was here: one goes on there. */
export function Editor(props: CypherEditorProps & { caret: RefObject<number | undefined> }) {
  const { value, label, problems = none, caret } = props
  const client = useQueryClient()
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const parent = host.current
    if (parent === null) return
    const complete = async (context: CompletionContext) => {
      const before = context.state.sliceDoc(0, context.pos)
      const known = latest.current.predicate
      const wanted = wantedAt(
        before,
        context.state.doc.toString(),
        known === undefined ? {} : { [known.variable]: known.label },
      )
      if (
        wanted === undefined ||
        (wanted.what === 'word' && !context.explicit && context.pos - wanted.from < 2)
      )
        return null
      const schema = await client.ensureQueryData(schemaQuery)
      switch (wanted.what) {
        case 'label': {
          const classes = new Set(schema.labels.flatMap((it) => it.classes))
          const options: Completion[] = [
            ...[...classes].map((it) => ({ label: it, detail: ' across clouds', type: 'class', boost: 1 })),
            ...schema.labels.map((it) => ({ label: it.label, detail: ` ${it.title}`, type: 'class' })),
          ]
          return { from: wanted.from, options, validFor: /^\w*$/ }
        }
        case 'edge': {
          const types = [...new Set(schema.edges.map((it) => it.type))].sort()
          return {
            from: wanted.from,
            options: types.map((it) => ({ label: it, type: 'type' })),
            validFor: /^\w*$/,
          }
        }
        case 'property': {
          const kinds = schema.labels.filter(
            (it) => it.label === wanted.label || it.classes.includes(wanted.label),
          )
          // A class has many kinds: the first that the inventory knows tells enough.
          for (const kind of kinds.slice(0, 12)) {
            const document = await sampleOf(client, kind.kind)
            if (document !== undefined)
              return { from: wanted.from, options: entriesAt(document, wanted.path), validFor: /^\w*$/ }
          }
          return null
        }
        case 'word':
          return { from: wanted.from, options: [...words], validFor: /^[\w.]*$/ }
      }
    }
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          EditorView.cspNonce.of(cspNonce()),
          latest.current.rows === 1 ? [] : lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          cypher,
          colours,
          look,
          autocompletion({ override: [complete], icons: false }),
          EditorView.lineWrapping,
          placeholder(latest.current.placeholder ?? ''),
          EditorView.contentAttributes.of({ 'aria-label': latest.current.label, 'aria-multiline': 'true' }),
          keymap.of([
            {
              key: 'Mod-Enter',
              run: () => {
                latest.current.onRun?.()
                return latest.current.onRun !== undefined
              },
            },
            ...completionKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    if (caret.current !== undefined) {
      editor.dispatch({ selection: { anchor: Math.min(caret.current, editor.state.doc.length) } })
      editor.focus()
      caret.current = undefined
    }
    return () => editor.destroy()
  }, [client, caret])

  useEffect(() => {
    const editor = view.current
    if (editor === undefined) return
    const now = editor.state.doc.toString()
    if (now !== value) editor.dispatch({ changes: { from: 0, to: now.length, insert: value } })
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (editor === undefined) return
    const text = editor.state.doc.toString()
    const marks: Diagnostic[] = problems.map((it) => ({
      ...rangeOf(text, it),
      severity: 'error',
      message: it.detail,
    }))
    editor.dispatch(setDiagnostics(editor.state, marks))
  }, [problems])

  return <div ref={host} data-label={label} style={{ minHeight: (props.rows ?? 6) * 18 + 16 }} />
}

const none: readonly never[] = []

/** What a document has at a path, as completions. Lists are looked into at their first item. */
export function entriesAt(document: unknown, path: string): Completion[] {
  const lines = linesOf(document)
  const wanted = path.replaceAll(/\[\d+\]/g, '[0]')
  const parent = lines.findIndex((it) => it.path === wanted)
  return lines
    .filter((it) => it.parent === parent && it.key !== undefined)
    .map((it) => ({
      label: it.key ?? '',
      apply: pathOf('', it.key ?? ''),
      detail:
        it.size === undefined
          ? inLine(it.value).slice(0, 40)
          : Array.isArray(it.value)
            ? `[${it.size}]`
            : `{${it.size}}`,
      type: 'property',
    }))
}
