// Records that something does not count for a while: what, where, why, until when, and what that does to the score.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Select,
  Textarea,
} from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { explain } from '#/api/errors'
import { meQuery } from '#/api/queries/people'
import { endExemption, exempt } from '#/api/queries/posture'
import { scopesQuery } from '#/api/queries/scopes'
import { notify, notifyError } from '#/ui/notify'
import { counted, date } from '#/util/format'
import css from './exempt.module.css'
import { Preview } from './Preview'
import { type Draft, type End, endOf, ends, missing, type Named, type Where, wishesOf } from './wish'

interface ExemptProps {
  /** The checks that are not to count, usually one. */
  checks: readonly { id: string; title: string }[]
  /** The resources that it was asked for; empty: it is for a scope, or everywhere. */
  resources: readonly Named[]
  close: () => void
  /** It is recorded; not called when somebody cancels. */
  done?: () => void
}

const endWords: Record<End, string> = {
  '7': '7 days',
  '30': '30 days',
  '90': '90 days',
  '365': 'a year',
  date: 'a day…',
  never: 'no end',
}

const categories = [
  {
    value: 'waiver',
    label: 'Waiver: the risk is accepted, and the resource leaves the calculation',
  },
  {
    value: 'mitigated',
    label: 'Mitigated: something else takes care of it, and it counts as healthy',
  },
] as const

/** The dialog; it is open as long as it is drawn. */
export function ExemptDialog({ checks, resources, close, done }: ExemptProps) {
  const scope = useSearch({ from: '__root__' }).scope ?? ''
  const { data: me } = useQuery(meQuery)
  const [now] = useState(Date.now)
  const [draft, setDraft] = useState<Draft>({
    category: 'waiver',
    where: resources.length > 0 ? 'resources' : scope === '' ? 'everywhere' : 'scope',
    scope,
    reason: '',
    approver: '',
    evidence: '',
    end: '30',
    date: '',
  })
  const approver = draft.approver === '' ? (me?.account.displayName ?? '') : draft.approver
  const full = useMemo(() => ({ ...draft, approver }), [draft, approver])
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const wishes = useMemo(() => wishesOf(full, checks, resources, now), [full, checks, resources, now])
  const lacks = missing(full, resources, now)
  const record = useRecord(() => {
    close()
    done?.()
  })
  const [first] = checks
  return (
    <Dialog open modalType="modal" onOpenChange={(_, { open }) => (open ? undefined : close())}>
      <DialogSurface className={css.surface}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (lacks === '') record.mutate(wishes)
          }}
        >
          <DialogBody>
            <DialogTitle>
              {checks.length === 1 && first !== undefined
                ? `Exempt: ${first.title}`
                : `Exempt ${checks.length} checks`}
            </DialogTitle>
            <DialogContent className={css.content}>
              <Place draft={draft} resources={resources} set={set} />
              <Field label="How it counts">
                <RadioGroup
                  value={draft.category}
                  onChange={(_, { value }) => {
                    const chosen = categories.find((it) => it.value === value)
                    if (chosen !== undefined) set({ category: chosen.value })
                  }}
                >
                  {categories.map((it) => (
                    <Radio key={it.value} value={it.value} label={it.label} />
                  ))}
                </RadioGroup>
              </Field>
              <Until draft={draft} now={now} set={set} />
              <Field label="Why" required>
                <Textarea value={draft.reason} rows={2} onChange={(_, { value }) => set({ reason: value })} />
              </Field>
              <div className={css.two}>
                <Field label="Decided by" required>
                  <Input value={approver} onChange={(_, { value }) => set({ approver: value })} />
                </Field>
                <Field label="Evidence" hint="Links or ticket numbers, a line each">
                  <Textarea
                    value={draft.evidence}
                    rows={1}
                    onChange={(_, { value }) => set({ evidence: value })}
                  />
                </Field>
              </div>
              <Preview wishes={wishes} names={resources} />
              {record.error === null ? null : (
                <MessageBar intent="error">
                  <MessageBarBody>{explain(record.error).detail}</MessageBarBody>
                </MessageBar>
              )}
            </DialogContent>
            <DialogActions>
              <span className={css.lacks}>{lacks}</span>
              <Button onClick={close}>Cancel</Button>
              <Button type="submit" appearance="primary" disabledFocusable={lacks !== '' || record.isPending}>
                {record.isPending ? 'Recording' : 'Exempt'}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}

/** Records all of them, says what came of it, and offers the way back. */
function useRecord(close: () => void) {
  const client = useQueryClient()
  const undo = async (numbers: readonly number[]) => {
    try {
      for (const number of numbers) await endExemption(number)
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries()
  }
  return useMutation({
    mutationFn: async (wishes: Parameters<typeof exempt>[0][]) => {
      const made: Awaited<ReturnType<typeof exempt>>[] = []
      for (const wish of wishes) made.push(await exempt(wish))
      return made
    },
    onSuccess: (made) => {
      const done = made.flatMap((it) => ('exemption' in it ? [it] : []))
      const assessments = done.reduce((sum, it) => sum + it.assessments, 0)
      const isAll = done.length === made.length
      notify({
        intent: 'success',
        title: isAll ? 'Exempted' : 'The exemption is being worked on',
        detail: isAll
          ? `${counted(assessments, 'assessment')} ${assessments === 1 ? 'counts' : 'count'} otherwise now.`
          : 'It is a large one: the score follows as soon as its job is done.',
        ...(isAll ? { action: { label: 'Undo', do: () => void undo(done.map((it) => it.exemption)) } } : {}),
      })
      close()
    },
    onSettled: () => client.invalidateQueries(),
  })
}

function Place(props: { draft: Draft; resources: readonly Named[]; set: (change: Partial<Draft>) => void }) {
  const { draft, resources, set } = props
  const scopes = useQuery(scopesQuery)
  const [one] = resources
  const wheres: readonly (readonly [Where, string])[] = [
    ...(one === undefined
      ? []
      : [
          [
            'resources',
            resources.length === 1 ? one.name : `The ${resources.length} chosen resources`,
          ] as const,
        ]),
    ['scope', 'All resources in a scope, those to come too'],
    ['everywhere', 'Everywhere'],
  ]
  return (
    <Field label="Where">
      <RadioGroup
        value={draft.where}
        onChange={(_, { value }) => {
          const chosen = wheres.find(([it]) => it === value)
          if (chosen !== undefined) set({ where: chosen[0] })
        }}
      >
        {wheres.map(([value, label]) => (
          <Radio key={value} value={value} label={label} />
        ))}
      </RadioGroup>
      {draft.where === 'scope' ? (
        <Select aria-label="Scope" value={draft.scope} onChange={(_, { value }) => set({ scope: value })}>
          <option value="">Choose a scope</option>
          {scopes.data?.items.map((it) => (
            <option key={it.id} value={it.id}>
              {`${'\u2003'.repeat(it.depth)}${it.name}`}
            </option>
          ))}
        </Select>
      ) : null}
    </Field>
  )
}

function Until(props: { draft: Draft; now: number; set: (change: Partial<Draft>) => void }) {
  const { draft, now, set } = props
  const at = endOf(draft, now)
  const hint =
    at === undefined
      ? 'A day that is yet to come'
      : at === null
        ? 'It counts until somebody ends it: rather choose a day'
        : `It ends by itself on ${date(at)}`
  return (
    <Field label="For" hint={hint}>
      <RadioGroup
        layout="horizontal"
        className={css.ends}
        value={draft.end}
        onChange={(_, { value }) => {
          const chosen = ends.find((it) => it === value)
          if (chosen !== undefined) set({ end: chosen })
        }}
      >
        {ends.map((it) => (
          <Radio key={it} value={it} label={endWords[it]} />
        ))}
      </RadioGroup>
      {draft.end === 'date' ? (
        <Input
          type="date"
          aria-label="Last day"
          value={draft.date}
          onChange={(_, { value }) => set({ date: value })}
        />
      ) : null}
    </Field>
  )
}
