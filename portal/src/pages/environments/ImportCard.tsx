// The way in: a file that is dropped or chosen, and what became of the last ones.
import { Button, Checkbox, mergeClasses, ProgressBar } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type DragEvent, useEffect, useId, useRef, useState } from 'react'
import { meQuery } from '#/api/queries/people'
import { cancelJob, isUnderWay, latestJobsQuery } from '#/api/queries/work'
import { type Upload, uploadExport } from '#/api/upload'
import { JobBadge, JobProgress, type Job, outcome } from '#/components/jobs'
import { Link } from '#/ui/Link'
import { notify, notifyError } from '#/ui/notify'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { count } from '#/util/format'
import css from './environments.module.css'

/** Sorts of work that bring resources in. */
const KIND = 'import-upload'

export function ImportCard() {
  const me = useQuery(meQuery)
  const mayImport = me.data?.can.includes('import.run') === true
  return (
    <div className={css.card}>
      <section aria-label="Import an export">
        <h2 className={css.title}>Import an export</h2>
        <Drop
          hindrance={
            mayImport || me.data === undefined
              ? ''
              : 'Your roles do not include importing; an owner can give you one that does.'
          }
        />
      </section>
      <section aria-label="Last imports">
        <h2 className={css.title}>Last imports</h2>
        <LastImports />
      </section>
    </div>
  )
}

function Drop({ hindrance }: { hindrance: string }) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  const [isComplete, setIsComplete] = useState(false)
  const { sent, send, stop } = useUpload(isComplete)
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    if (hindrance === '' && sent === undefined) send([...event.dataTransfer.files])
  }
  return (
    <div
      className={mergeClasses(css.drop, isOver && css.over)}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={onDrop}
    >
      <span id={`${id}-about`}>
        Drop a file here: JSON, NDJSON or YAML as the clouds and their tools give it, or a folder of such
        files as .zip or .tar.gz. Up to 4 GiB.
      </span>
      <input
        ref={input}
        id={id}
        type="file"
        multiple
        className={css.file}
        tabIndex={-1}
        aria-label="Files to import"
        onChange={({ target }) => {
          send([...(target.files ?? [])])
          target.value = ''
        }}
      />
      <Button
        appearance="primary"
        disabledFocusable={hindrance !== '' || sent !== undefined}
        aria-describedby={`${id}-about`}
        onClick={() => input.current?.click()}
      >
        Choose files
      </Button>
      {hindrance === '' ? null : <span className={css.quiet}>{hindrance}</span>}
      <Checkbox
        checked={isComplete}
        onChange={(_, { checked }) => setIsComplete(checked === true)}
        label="It is complete: what it does not hold no longer exists"
      />
      {sent === undefined ? null : (
        <div className={css.wide} role="status">
          {sent.name}: {count(Math.round(sent.share * 100))} % sent{' '}
          <Button size="small" appearance="subtle" onClick={stop}>
            Stop
          </Button>
          <ProgressBar value={sent.share} aria-label={`Sending ${sent.name}`} />
        </div>
      )}
    </div>
  )
}

/** Sends files one after the other; each becomes a job of its own. */
function useUpload(isComplete: boolean) {
  const client = useQueryClient()
  const [sent, setSent] = useState<{ name: string; share: number }>()
  const upload = useRef<Upload>(undefined)
  const sendAll = async (files: readonly File[]) => {
    for (const file of files) {
      setSent({ name: file.name, share: 0 })
      upload.current = uploadExport(file, { isComplete }, (share) => setSent({ name: file.name, share }))
      try {
        await upload.current.job
        notify({ intent: 'success', title: `${file.name} is sent`, detail: 'It is being read now.' })
      } catch (error) {
        if (error instanceof DOMException) break
        notifyError(error)
      }
      await client.invalidateQueries({ queryKey: ['list_jobs'] })
    }
    setSent(undefined)
  }
  return {
    sent,
    send: (files: readonly File[]) => void sendAll(files),
    stop: () => upload.current?.stop(),
  }
}

function LastImports() {
  const jobs = useQuery(latestJobsQuery(KIND, 4))
  const client = useQueryClient()
  const underWay = jobs.data?.items.filter(isUnderWay).length
  // What an import changes shows everywhere as soon as it is done.
  const before = useRef(underWay)
  useEffect(() => {
    if ((before.current ?? 0) > (underWay ?? 0)) void client.invalidateQueries()
    before.current = underWay
  }, [underWay, client])
  return (
    <Shown of={jobs} rows={2}>
      {({ items }) => (
        <>
          {items.length === 0 ? (
            <p className={css.quiet}>Nothing was imported here yet.</p>
          ) : (
            <ul className={css.jobs}>
              {items.map((it) => (
                <li key={it.number} className={css.job}>
                  <JobBadge state={it.state} />
                  <span className={css.line} title={outcome(it)}>
                    <Link to="/jobs" search={{ open: it.number }}>
                      {outcome(it)}
                    </Link>
                  </span>
                  {isUnderWay(it) ? <Cancel job={it} /> : <Time at={it.finished ?? it.created} />}
                  <span className={css.wide}>
                    <JobProgress job={it} />
                  </span>
                </li>
              ))}
            </ul>
          )}
          <Link to="/jobs">All jobs</Link>
        </>
      )}
    </Shown>
  )
}

function Cancel({ job }: { job: Job }) {
  const client = useQueryClient()
  const cancel = async () => {
    try {
      await cancelJob(job.number)
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries({ queryKey: ['list_jobs'] })
  }
  return (
    <Button size="small" onClick={() => void cancel()} disabledFocusable={!job.can.includes('job.manage')}>
      Stop
    </Button>
  )
}
