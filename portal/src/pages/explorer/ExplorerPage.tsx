// The explorer: a question to the security graph, built of rows or written as text, which are two views of one query.
import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { answerQuery } from '#/api/queries/query'
import { Builder } from '#/components/builder/Builder'
import { CypherEditor } from '#/components/CypherEditor'
import { remember } from '#/pages/query/history'
import { idsOf, insightsQuery } from '#/pages/query/insights'
import { QuestionBar, useProblems } from '#/pages/query/QuestionBar'
import { Result } from '#/pages/query/Result'
import { graphOf } from '#/pages/query/result'
import { Page } from '#/ui/Page'
import { Tabs } from '#/ui/SidePanel'
import { count, counted } from '#/util/format'
import { countQuery, pathsQuery, toldQuery } from './count'
import css from './explorer.module.css'
import { type ExplorerSearch, explorerSearch, type Way } from './search'
import { templates } from './templates'

/** Milliseconds without a change after which rows are counted. */
const PAUSE = 400

export function ExplorerPage() {
  const search = useSearch({ from: '/explorer' })
  const navigate = useNavigate({ from: '/explorer' })
  const { q = '', limit = 1000, by = 'builder' } = search
  const [draft, setDraft] = useState(q)
  useEffect(() => setDraft(q), [q])
  // Rows are written as text a moment after they were edited: whoever runs them earlier means that text, not the one before.
  const [isWriting, setWriting] = useState(false)
  const [isDue, setDue] = useState(false)
  const answer = useQuery({ ...answerQuery(q, limit), enabled: q !== '' })
  useEffect(() => {
    if (answer.isSuccess) remember(q)
  }, [answer.isSuccess, q])
  const go = (to: ExplorerSearch) =>
    void navigate({
      search: (now) => ({
        ...(now.scope === undefined ? {} : { scope: now.scope }),
        ...explorerSearch({ ...to }),
      }),
    })
  const run = (text = draft, to: ExplorerSearch = search) => {
    const asked = text.trim()
    if (asked === '') return
    setDraft(asked)
    if (asked === q && to === search) void answer.refetch()
    else go({ ...to, q: asked })
  }
  const runDraft = () => (isWriting ? setDue(true) : run())
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    if (!isDue || isWriting) return
    setDue(false)
    latest.current()
  }, [isDue, isWriting])
  const { by: _by, ...others } = search
  const choose = (way: Way) => go(way === 'text' ? { ...others, by: 'text' } : others)
  const { error } = answer
  const { problems, error: shown } = useProblems(error, draft === q)
  return (
    <Page
      title="Explorer"
      sentence={sentenceOf(q, answer.isFetching, error, answer.data)}
      actions={<Templates run={(text) => run(text, others)} />}
    >
      <Tabs<Way>
        selected={by}
        select={choose}
        of={[
          { value: 'builder', label: 'Builder' },
          { value: 'text', label: 'openCypher' },
        ]}
      />
      {by === 'builder' ? (
        <>
          <Builder
            value={draft}
            onChange={setDraft}
            onText={() => choose('text')}
            onWriting={setWriting}
            aside={<Count text={draft} />}
          />
          {draft.trim() === '' ? null : (
            <details className={css.text}>
              <summary>As openCypher</summary>
              <pre>{draft}</pre>
            </details>
          )}
        </>
      ) : (
        <CypherEditor
          label="Query"
          value={draft}
          rows={6}
          onChange={setDraft}
          onRun={() => run()}
          problems={problems}
          placeholder="MATCH (d:Database) RETURN d"
        />
      )}
      <QuestionBar
        run={runDraft}
        canRun={draft.trim() !== ''}
        keys={by === 'text' ? 'Ctrl+Enter' : undefined}
        limit={limit}
        choose={(to) => go({ ...search, limit: to })}
        canCopy={q !== ''}
        error={shown}
        problems={problems}
        retry={() => void answer.refetch()}
      />
      {answer.data !== undefined ? (
        <Found
          q={q}
          answer={answer.data}
          limit={limit}
          as={search.as ?? 'table'}
          choose={(as) => go({ ...search, as })}
        />
      ) : q === '' ? (
        <Start run={(text) => run(text)} />
      ) : null}
    </Page>
  )
}

function sentenceOf(
  q: string,
  isRunning: boolean,
  error: unknown,
  data: { rows: readonly unknown[]; more: boolean } | undefined,
): string {
  if (q === '') return 'Put a question to the security graph together, or start from a template.'
  if (isRunning) return 'Asking…'
  if ((error ?? null) !== null) return 'The question could not be answered.'
  if (data === undefined) return ' '
  if (data.rows.length === 0) return 'Nothing fits the question.'
  if (data.more) return `The first ${count(data.rows.length)} rows; there are more.`
  return `${counted(data.rows.length, 'row')}.`
}

/** How many rows the question has as it stands. */
function Count({ text }: { text: string }) {
  const [asked, ask] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => ask(text), PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  const told = useQuery({ ...toldQuery(asked), enabled: asked.trim() !== '' })
  const query = told.data?.count ?? ''
  const n = useQuery({ ...countQuery(query), enabled: query !== '', placeholderData: keepPreviousData })
  if (text.trim() === '') return null
  const isOld = text !== asked || told.isFetching || n.isFetching
  const words = n.isError
    ? 'cannot be counted'
    : typeof n.data !== 'number'
      ? '…'
      : n.data === 1
        ? '1 match'
        : `${count(n.data)} matches`
  return (
    <span
      className={css.count}
      title={n.error instanceof Error ? n.error.message : undefined}
      aria-live="polite"
      data-old={isOld ? '' : undefined}
    >
      {words}
    </span>
  )
}

/** The answer with what is known of its nodes, and with the edges between them in its graph. */
function Found(props: {
  q: string
  answer: Parameters<typeof Result>[0]['answer']
  limit: number
  as: 'table' | 'graph'
  choose: (as: 'table' | 'graph') => void
}) {
  const { q, answer, limit, as } = props
  const ids = useMemo(() => idsOf(answer.rows), [answer.rows])
  const insights = useQuery(insightsQuery(ids)).data
  const told = useQuery({ ...toldQuery(q), enabled: as === 'graph' })
  const query = told.data?.paths ?? ''
  const paths = useQuery({ ...pathsQuery(query, limit), enabled: as === 'graph' && query !== '' })
  const graph = useMemo(() => (paths.data === undefined ? undefined : graphOf(paths.data.rows)), [paths.data])
  return (
    <Result
      answer={answer}
      limit={limit}
      as={as}
      choose={props.choose}
      insights={insights}
      graph={graph}
      file="explorer.csv"
    />
  )
}

function Templates({ run }: { run: (query: string) => void }) {
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button>Templates</Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {templates.map((it) => (
            <MenuItem key={it.title} onClick={() => run(it.query)}>
              {it.title}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

function Start({ run }: { run: (query: string) => void }) {
  return (
    <section aria-label="Templates">
      <h2 className={css.title}>Templates</h2>
      <ul className={css.templates}>
        {templates.map((it) => (
          <li key={it.title}>
            <button type="button" className={css.template} onClick={() => run(it.query)}>
              <strong>{it.title}</strong>
              <span className={css.quiet}>{it.says}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
