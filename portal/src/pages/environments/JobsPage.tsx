// The work of the server: what runs, what waits, what came of it.
import { Button, Dropdown, Option } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo } from 'react'
import { cancelJob, isUnderWay, jobPage, jobQuery, reviveJob } from '#/api/queries/work'
import { JobBadge, JobProgress, type Job, jobKind, outcome } from '#/components/jobs'
import type { Column } from '#/table/columns'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { notifyError } from '#/ui/notify'
import { Page } from '#/ui/Page'
import { SidePanel } from '#/ui/SidePanel'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { counted } from '#/util/format'
import { present } from '#/util/search'
import css from './environments.module.css'
import { type JobsSearch, jobStates, jobsSearch } from './jobs-search'

const words: Record<(typeof jobStates)[number], string> = {
  running: 'Running',
  ready: 'Waiting',
  done: 'Done',
  dead: 'Failed',
  cancelled: 'Cancelled',
}

/** Milliseconds between two looks while something is under way. */
const REFRESH = 3000

export function JobsPage() {
  const search = useSearch({ from: '/jobs' })
  const navigate = useNavigate({ from: '/jobs' })
  const client = useQueryClient()
  const filter = useMemo(() => present({ state: search.state }), [search.state])
  const source = useKeyset({
    key: ['list_jobs', filter],
    page: (cursor, limit, signal) => jobPage(filter, cursor, limit, signal),
  })
  const first = source.first?.items
  const underWay = first?.filter(isUnderWay).length ?? 0
  useEffect(() => {
    if (underWay === 0) return
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: ['list_jobs'] }), REFRESH)
    return () => clearInterval(timer)
  }, [underWay, client])
  const go = useCallback(
    (next: JobsSearch, replace = false) =>
      void navigate({ search: (now) => ({ ...present({ scope: now.scope }), ...next }), replace }),
    [navigate],
  )
  return (
    <Page
      title="Jobs"
      fill
      sentence={first === undefined ? ' ' : toldOf(first)}
      actions={
        <Dropdown
          aria-label="State of the jobs"
          size="small"
          value={search.state === undefined ? 'All states' : words[search.state]}
          selectedOptions={[search.state ?? '']}
          onOptionSelect={(_, { optionValue }) => go(jobsSearch({ state: optionValue }))}
        >
          <Option value="">All states</Option>
          {jobStates.map((it) => (
            <Option key={it} value={it}>
              {words[it]}
            </Option>
          ))}
        </Dropdown>
      }
    >
      <Table
        name="jobs"
        label="Jobs"
        noun={['job', 'jobs']}
        columns={columns}
        source={source}
        id={(it) => String(it.number)}
        opened={search.open === undefined ? undefined : String(search.open)}
        onOpen={(it, follows) => go({ ...search, open: it.number }, follows)}
        download={{ path: '/api/v1/jobs', query: filter, file: 'jobs' }}
      />
      {search.open === undefined ? null : (
        <JobPanel number={search.open} close={() => go(jobsSearch({ ...search, open: undefined }))} />
      )}
    </Page>
  )
}

/** What a person would say about the latest jobs. */
function toldOf(jobs: readonly Job[]): string {
  const of = (state: Job['state']) => jobs.filter((it) => it.state === state).length
  const [running, waiting, failed] = [of('running'), of('ready'), of('dead')]
  const parts = [running === 0 ? 'Nothing runs at the moment' : counted(running, 'job runs', 'jobs run')]
  if (waiting > 0) parts.push(counted(waiting, 'waits for its time', 'wait for their time'))
  if (failed > 0) parts.push(`${counted(failed, 'job')} of the latest failed`)
  return `${parts.join('; ')}.`
}

const columns: readonly Column<Job>[] = [
  { key: 'state', title: 'State', width: 100, card: 'mark', cell: (it) => <JobBadge state={it.state} /> },
  { key: 'kind', title: 'Work', width: 240, card: 'title', cell: (it) => jobKind(it.kind) },
  {
    key: 'outcome',
    title: 'Outcome',
    width: 300,
    grow: true,
    card: 'line',
    cell: (it) => <span title={outcome(it)}>{outcome(it)}</span>,
  },
  { key: 'actor', title: 'Asked by', width: 130, cell: (it) => it.actor },
  { key: 'created', title: 'Asked', width: 120, cell: (it) => <Time at={it.created} /> },
  {
    key: 'finished',
    title: 'Ended',
    width: 120,
    cell: (it) => (it.finished === undefined || it.finished === null ? '–' : <Time at={it.finished} />),
  },
  { key: 'number', title: 'Number', width: 90, end: true, cell: (it) => it.number },
]

function JobPanel({ number, close }: { number: number; close: () => void }) {
  const job = useQuery(jobQuery(number))
  const client = useQueryClient()
  const act = async (what: (number: number) => Promise<unknown>) => {
    try {
      await what(number)
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries({ queryKey: ['get_job', number] })
    await client.invalidateQueries({ queryKey: ['list_jobs'] })
  }
  return (
    <SidePanel
      title={job.data === undefined ? `Job ${number}` : jobKind(job.data.kind)}
      subtitle={`Job ${number}`}
      focus={false}
      close={close}
    >
      <Shown of={job}>
        {(it) => {
          const may = it.can.includes('job.manage')
          return (
            <>
              <dl className={css.facts}>
                <dt>State</dt>
                <dd>
                  <JobBadge state={it.state} />
                </dd>
                <dt>Outcome</dt>
                <dd>{outcome(it)}</dd>
                <dt>Asked</dt>
                <dd>
                  <Time at={it.created} /> by {it.actor}
                </dd>
                {it.finished === undefined || it.finished === null ? null : (
                  <>
                    <dt>Ended</dt>
                    <dd>
                      <Time at={it.finished} />
                    </dd>
                  </>
                )}
                <dt>Attempts</dt>
                <dd>{it.attempts}</dd>
              </dl>
              <JobProgress job={it} />
              {isUnderWay(it) ? (
                <Button disabledFocusable={!may} onClick={() => void act(cancelJob)}>
                  Stop it
                </Button>
              ) : null}
              {it.state === 'dead' ? (
                <Button disabledFocusable={!may} onClick={() => void act(reviveJob)}>
                  Try again
                </Button>
              ) : null}
              <Facts title="Progress" of={it.progress} />
              <Facts title="Result" of={it.result} />
            </>
          )
        }}
      </Shown>
    </SidePanel>
  )
}

/** What a job says in figures of its own kind, as it says it. */
function Facts({ title, of }: { title: string; of: object }) {
  if (Object.keys(of).length === 0) return null
  return (
    <>
      <h3 className={css.title}>{title}</h3>
      <pre className={css.json} tabIndex={0} aria-label={title}>
        {JSON.stringify(of, null, 2)}
      </pre>
    </>
  )
}
