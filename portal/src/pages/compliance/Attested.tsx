// What people attest about a requirement, with the files that show it.
import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Textarea,
} from '@fluentui/react-components'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Schemas } from '#/api/client'
import { explain } from '#/api/errors'
import { attest } from '#/api/queries/standards'
import { notify } from '#/ui/notify'
import { Badge, Facts, Section } from '#/ui/parts'
import { Time } from '#/ui/Time'
import { date } from '#/util/format'
import css from './compliance.module.css'
import { evidenceOf, MOST_BYTES } from './evidence-files'

type State = Schemas['Attested']

const stateWords: Record<State, string> = {
  compliant: 'It is met',
  nonCompliant: 'It is not met',
  withdrawn: 'Withdraw what was attested',
}

interface AttestedProps {
  standard: Schemas['StandardDetail']
  of: Schemas['Requirement']
}

export function Attested({ standard, of }: AttestedProps) {
  const [isOpen, setOpen] = useState(false)
  const may = standard.can.includes('attestation.write')
  const now = of.attestation
  return (
    <Section
      title="Attestation"
      aside={
        of.checks.length === 0
          ? 'No check can judge this requirement'
          : 'Checks judge it; a person can add to that'
      }
    >
      {now === undefined || now === null ? (
        <p className={css.quiet}>Nobody has attested anything yet.</p>
      ) : (
        <Present of={now} />
      )}
      {isOpen ? (
        <Form standard={standard.id} of={of} close={() => setOpen(false)} />
      ) : (
        <div>
          <Button
            disabledFocusable={!may}
            title={may ? undefined : 'Your roles do not include attestations'}
            onClick={() => setOpen(true)}
          >
            {now === undefined || now === null ? 'Attest…' : 'Attest anew…'}
          </Button>
        </div>
      )}
    </Section>
  )
}

function Present({ of }: { of: Schemas['Attestation'] }) {
  return (
    <Facts
      of={[
        ['Attested', stateWords[of.state]],
        ['By', of.by],
        ['When', <Time key="at" at={of.at} />],
        ['Until', of.until === undefined || of.until === null ? 'no end' : date(of.until)],
        ['Why', of.comment],
        [
          'Evidence',
          of.evidence.length === 0
            ? undefined
            : of.evidence.map((it) => (
                <span key={it.number}>
                  <a
                    className={css.file}
                    href={`/api/v1/evidence/${it.number}`}
                    download={it.name}
                    title={`SHA-256 ${it.sha256}`}
                  >
                    {it.name}
                  </a>{' '}
                  <Badge>{it.mediaType}</Badge>{' '}
                </span>
              )),
        ],
      ]}
    />
  )
}

function Form({ standard, of, close }: { standard: string; of: Schemas['Requirement']; close: () => void }) {
  const [state, setState] = useState<State>('compliant')
  const [comment, setComment] = useState('')
  const [until, setUntil] = useState('')
  const [files, setFiles] = useState<readonly File[]>([])
  const input = useRef<HTMLInputElement>(null)
  const client = useQueryClient()
  const bytes = files.reduce((sum, it) => sum + it.size, 0)
  const lacks = comment.trim() === '' ? 'Say why.' : bytes > MOST_BYTES ? 'The files are over 10 MiB.' : ''
  const record = useMutation({
    mutationFn: async () =>
      attest(standard, of.id, {
        state,
        comment: comment.trim(),
        evidence: await Promise.all(files.map(evidenceOf)),
        until: until === '' ? null : new Date(`${until}T23:59:59`).toISOString(),
      }),
    onSuccess: () => {
      notify({ intent: 'success', title: `${of.id}: ${stateWords[state].toLowerCase()}` })
      close()
    },
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (lacks === '') record.mutate()
      }}
    >
      <RadioGroup
        aria-label="What is attested"
        value={state}
        onChange={(_, { value }) => {
          if (value === 'compliant' || value === 'nonCompliant' || value === 'withdrawn') setState(value)
        }}
      >
        <Radio value="compliant" label={stateWords.compliant} />
        <Radio value="nonCompliant" label={stateWords.nonCompliant} />
        {of.attestation === undefined || of.attestation === null ? null : (
          <Radio value="withdrawn" label={stateWords.withdrawn} />
        )}
      </RadioGroup>
      <Field label="Why" required>
        <Textarea value={comment} onChange={(_, { value }) => setComment(value)} />
      </Field>
      <Field label="Until" hint="Then it waits for a person again; empty: no end">
        <Input type="date" value={until} onChange={(_, { value }) => setUntil(value)} />
      </Field>
      <Field label="Evidence" hint="Files that show it, 10 MiB in all">
        <input
          ref={input}
          type="file"
          multiple
          className={css.files}
          onChange={(event) => setFiles([...(event.target.files ?? [])])}
        />
      </Field>
      {record.error === null ? null : (
        <MessageBar intent="error">
          <MessageBarBody>{explain(record.error).detail}</MessageBarBody>
        </MessageBar>
      )}
      <div className={css.actions}>
        <Button type="submit" appearance="primary" disabledFocusable={lacks !== '' || record.isPending}>
          {record.isPending ? 'Recording' : 'Attest'}
        </Button>
        <Button onClick={close}>Cancel</Button>
        <span className={css.quiet}>{lacks}</span>
      </div>
    </form>
  )
}
