// Questions of one's own to the security graph.
import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { answerQuery } from '#/api/queries/query'
import { CypherEditor } from '#/components/CypherEditor'
import { Page } from '#/ui/Page'
import { ago, count, counted } from '#/util/format'
import { examples } from './examples'
import { forget, recall, remember } from './history'
import css from './query.module.css'
import { QuestionBar, useProblems } from './QuestionBar'
import { Result } from './Result'
import { type QuerySearch, querySearch } from './search'

export function QueryPage() {
  const search = useSearch({ from: '/query' })
  const navigate = useNavigate({ from: '/query' })
  const { q = '', limit = 1000 } = search
  const [draft, setDraft] = useState(q)
  const answer = useQuery({ ...answerQuery(q, limit), enabled: q !== '' })
  useEffect(() => setDraft(q), [q])
  useEffect(() => {
    if (answer.isSuccess) remember(q)
  }, [answer.isSuccess, q])
  const go = (to: QuerySearch) =>
    void navigate({
      search: (now) => ({
        ...(now.scope === undefined ? {} : { scope: now.scope }),
        ...querySearch({ ...to }),
      }),
    })
  const run = (text = draft) => {
    const asked = text.trim()
    if (asked === '') return
    setDraft(asked)
    if (asked === q) void answer.refetch()
    else go({ ...search, q: asked })
  }
  // What is wrong is underlined as long as the text is the one that was asked.
  const { error } = answer
  const { problems, error: shown } = useProblems(error, draft === q)
  return (
    <Page
      title="Query"
      sentence={
        <Sentence q={q} data={answer.data} isRunning={answer.isFetching} error={error} limit={limit} />
      }
      actions={<Menus run={run} />}
    >
      <CypherEditor
        label="Query"
        value={draft}
        rows={6}
        onChange={setDraft}
        onRun={() => run()}
        problems={problems}
        placeholder="MATCH (d:Database) RETURN d LIMIT 10"
      />
      <QuestionBar
        run={() => run()}
        canRun={draft.trim() !== ''}
        keys="Ctrl+Enter"
        limit={limit}
        choose={(to) => go({ ...search, limit: to })}
        canCopy={q !== ''}
        error={shown}
        problems={problems}
        retry={() => void answer.refetch()}
      />
      {answer.data === undefined ? (
        q === '' ? (
          <Start run={run} />
        ) : null
      ) : (
        <Result
          answer={answer.data}
          limit={limit}
          as={search.as ?? 'table'}
          choose={(as) => go({ ...search, as })}
        />
      )}
    </Page>
  )
}

function Sentence(props: {
  q: string
  data: { rows: readonly unknown[]; more: boolean } | undefined
  isRunning: boolean
  error: unknown
  limit: number
}) {
  if (props.q === '') return 'Ask the security graph in openCypher. It reads and never writes.'
  if (props.isRunning) return 'Asking…'
  if ((props.error ?? null) !== null) return 'The question could not be answered.'
  if (props.data === undefined) return ' '
  const { rows, more } = props.data
  if (rows.length === 0) return 'Nothing fits the question.'
  return more ? `The first ${count(rows.length)} rows; there are more.` : `${counted(rows.length, 'row')}.`
}

/** Examples, and what was asked before in this browser. */
function Menus({ run }: { run: (query: string) => void }) {
  const [asked, setAsked] = useState(recall)
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button>Examples</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {examples.map((it) => (
              <MenuItem key={it.title} onClick={() => run(it.query)}>
                {it.title}
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Menu onOpenChange={() => setAsked(recall())}>
        <MenuTrigger disableButtonEnhancement>
          <Button>History</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList className={css.history}>
            {asked.length === 0 ? <MenuItem disabled>Nothing was asked in this browser yet</MenuItem> : null}
            {asked.map((it) => (
              <MenuItem key={it.query} onClick={() => run(it.query)} secondaryContent={ago(it.at)}>
                <span className={css.asked} title={it.query}>
                  {firstLine(it.query)}
                </span>
              </MenuItem>
            ))}
            {asked.length === 0 ? null : (
              <>
                <MenuDivider />
                <MenuItem
                  onClick={() => {
                    forget()
                    setAsked([])
                  }}
                >
                  Forget all
                </MenuItem>
              </>
            )}
          </MenuList>
        </MenuPopover>
      </Menu>
    </>
  )
}

/** The first line that says something: a comment says what a question is for. */
function firstLine(query: string): string {
  const line = query.split('\n').find((it) => it.trim() !== '') ?? ''
  return line.replace(/^\/\/\s*/, '')
}

/** What can be asked, for who sees the page for the first time. */
function Start({ run }: { run: (query: string) => void }) {
  return (
    <section aria-label="Questions to start from">
      <h2 className={css.title}>Questions to start from</h2>
      <ul className={css.examples}>
        {examples.map((it) => (
          <li key={it.title}>
            <button type="button" className={css.example} onClick={() => run(it.query)}>
              <strong>{it.title}</strong>
              <span className={css.quiet}>{it.says}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
