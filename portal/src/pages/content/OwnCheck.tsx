// What stands above a check of one's own: its state, its versions, and what can be done with it.
import { Button, MessageBar, MessageBarBody, Select } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '#/api/client'
import {
  compareQuery,
  disableCheck,
  ownCheckQuery,
  ownVersionsQuery,
  publishCheck,
} from '#/api/queries/own-checks'
import { Link } from '#/ui/Link'
import { notify, notifyError } from '#/ui/notify'
import { Badge, Section } from '#/ui/parts'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import css from './content.module.css'
import { saidOf } from './said'

const stateWords: Record<Schemas['OwnCheck']['state'], string> = {
  draft: 'A draft: it judges nothing yet.',
  published: 'Published: it judges what is imported.',
  changed: 'Published, and changed since: the changes do not count before they are published.',
  disabled: 'Disabled: it judges nothing any more.',
}

export function OwnCheck({ id }: { id: string }) {
  const asked = useQuery(ownCheckQuery(id))
  return (
    <Shown of={asked} rows={2}>
      {(of) => (
        <div className={css.own}>
          <State of={of} />
          <Versions
            id={id}
            published={of.published ?? undefined}
            can={of.can.includes('recommendation.write')}
          />
        </div>
      )}
    </Shown>
  )
}

function State({ of }: { of: Schemas['OwnCheckDetail'] }) {
  const client = useQueryClient()
  const may = of.can.includes('recommendation.write')
  const act = useMutation({
    mutationFn: (what: 'publish' | 'disable') =>
      what === 'publish' ? publishCheck(of.id) : disableCheck(of.id),
    onSuccess: (done, what) =>
      notify({
        intent: 'success',
        title: what === 'publish' ? 'Published' : 'Disabled',
        detail: what === 'publish' ? saidOf(done) : 'What it found no longer counts.',
      }),
    onError: notifyError,
    onSettled: () => client.invalidateQueries(),
  })
  const isOn = of.state === 'published' || of.state === 'changed'
  return (
    <>
      <MessageBar intent={isOn ? 'success' : 'info'}>
        <MessageBarBody>{stateWords[of.state]}</MessageBarBody>
      </MessageBar>
      <div className={css.actions}>
        {of.state === 'published' ? null : (
          <Button
            appearance="primary"
            disabledFocusable={!may || act.isPending}
            onClick={() => act.mutate('publish')}
          >
            Publish version {of.latest}
          </Button>
        )}
        <Link to="/content/write" search={{ edit: of.id }} className={css.plainButton}>
          Change it
        </Link>
        {isOn ? (
          <Button disabledFocusable={!may || act.isPending} onClick={() => act.mutate('disable')}>
            Disable
          </Button>
        ) : null}
      </div>
    </>
  )
}

function Versions({ id, published, can }: { id: string; published: number | undefined; can: boolean }) {
  const asked = useQuery(ownVersionsQuery(id))
  const client = useQueryClient()
  const roll = useMutation({
    mutationFn: (version: number) => publishCheck(id, version),
    onSuccess: (done) => notify({ intent: 'success', title: 'Rolled back', detail: saidOf(done) }),
    onError: notifyError,
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <details>
      <summary className={css.text}>Versions</summary>
      <Shown of={asked} rows={2}>
        {({ items }) => (
          <div className={css.stack}>
            <ul className={css.list}>
              {items.map((it) => (
                <li key={it.version}>
                  <span>Version {it.version}</span>
                  <span className={css.quiet}>
                    {it.actor}, <Time at={it.at} />
                  </span>
                  {it.version === published ? <Badge>published</Badge> : null}
                  {it.version === published || !can ? null : (
                    <Button
                      size="small"
                      disabledFocusable={roll.isPending}
                      onClick={() => roll.mutate(it.version)}
                    >
                      Publish this one
                    </Button>
                  )}
                </li>
              ))}
            </ul>
            {items.length > 1 ? <Compare id={id} versions={items.map((it) => it.version)} /> : null}
          </div>
        )}
      </Shown>
    </details>
  )
}

/** Two versions held against each other. */
function Compare({ id, versions }: { id: string; versions: readonly number[] }) {
  const [from, setFrom] = useState(versions[1] ?? 1)
  const [to, setTo] = useState(versions[0] ?? 1)
  const asked = useQuery(compareQuery(id, from, to))
  const choice = (label: string, value: number, set: (value: number) => void) => (
    <Select
      size="small"
      aria-label={label}
      value={String(value)}
      onChange={(_, data) => set(Number(data.value))}
    >
      {versions.map((it) => (
        <option key={it} value={it}>{`Version ${it}`}</option>
      ))}
    </Select>
  )
  return (
    <Section
      title="Compare"
      actions={
        <span className={css.actions}>
          {choice('From version', from, setFrom)} → {choice('To version', to, setTo)}
        </span>
      }
    >
      <Shown of={asked} rows={3}>
        {({ lines }) => (
          <pre className={css.diff}>
            {lines.map((it, place) => (
              <span
                key={`${place} ${it.text}`}
                className={
                  it.sort === 'added' ? css.diffAdded : it.sort === 'removed' ? css.diffRemoved : undefined
                }
              >
                {`${it.sort === 'added' ? '+' : it.sort === 'removed' ? '−' : ' '} ${it.text}\n`}
              </span>
            ))}
          </pre>
        )}
      </Shown>
    </Section>
  )
}
