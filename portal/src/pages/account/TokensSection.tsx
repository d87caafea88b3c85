import { Button, Field, Input, Select } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schemas } from '#/api/client'
import { ownTokensQuery } from '#/api/queries/account'
import { Confirm } from '#/ui/Confirm'
import { FormError } from '#/ui/FormError'
import { notify, notifyError } from '#/ui/notify'
import { EmptyState, Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { Section, useSectionStyles } from './Section'

const roles = [
  ['reader', 'Reader'],
  ['securityReader', 'Security reader'],
  ['securityOperator', 'Security operator'],
  ['securityAdmin', 'Security admin'],
  ['contributor', 'Contributor'],
  ['owner', 'Owner'],
] as const

/** Tokens for scripts: each may at most what their owner may. */
export function TokensSection() {
  const styles = useSectionStyles()
  const tokens = useQuery(ownTokensQuery)
  const [isOpen, setIsOpen] = useState(false)
  const [fresh, setFresh] = useState<string | null>(null)
  return (
    <Section
      title="Tokens"
      about="For scripts. A token may at most what you may, and ends when your account does."
      action={isOpen ? undefined : <Button onClick={() => setIsOpen(true)}>New token</Button>}
    >
      {isOpen ? (
        <NewToken
          cancel={() => setIsOpen(false)}
          done={(it) => {
            setIsOpen(false)
            setFresh(it)
          }}
        />
      ) : null}
      {fresh === null ? null : <Fresh token={fresh} done={() => setFresh(null)} />}
      <Shown of={tokens} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="You have no tokens">
              A script sends one as “Authorization: Bearer …” and sees what you see.
            </EmptyState>
          ) : (
            <ul className={styles.rows}>
              {items.map((it) => (
                <TokenRow key={it.number} of={it} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  )
}

function NewToken({ cancel, done }: { cancel: () => void; done: (token: string) => void }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Schemas['Role']>('reader')
  const make = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/me/tokens', { body: { name, role } })),
    onSuccess: ({ token }) => {
      done(token)
      return client.invalidateQueries({ queryKey: ['me', 'tokens'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label="What it is for" required>
        <Input value={name} onChange={(_, { value }) => setName(value)} autoFocus />
      </Field>
      <Field label="What it may">
        <Select
          value={role}
          onChange={(_, { value }) => setRole(roles.find(([it]) => it === value)?.[0] ?? 'reader')}
        >
          {roles.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Select>
      </Field>
      <FormError error={make.error} />
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={make.isPending}>
          Make the token
        </Button>
        <Button onClick={cancel}>Cancel</Button>
      </div>
    </form>
  )
}

function Fresh({ token, done }: { token: string; done: () => void }) {
  const styles = useSectionStyles()
  return (
    <div className={styles.form}>
      <p>The token is shown only now.</p>
      <output className={styles.code} aria-label="Token">
        {token}
      </output>
      <div className={styles.buttons}>
        <Button appearance="primary" onClick={done}>
          I have kept it
        </Button>
        <Button onClick={() => void navigator.clipboard.writeText(token)}>Copy</Button>
      </div>
    </div>
  )
}

function TokenRow({ of }: { of: Schemas['Token'] }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: async () => {
      await api.DELETE('/api/v1/me/tokens/{number}', { params: { path: { number: of.number } } })
    },
    onSuccess: () => {
      notify({ intent: 'success', title: `“${of.name}” no longer counts` })
      return client.invalidateQueries({ queryKey: ['me', 'tokens'] })
    },
    onError: notifyError,
  })
  const [isAsking, ask] = useState(false)
  return (
    <li className={styles.row}>
      <span className={styles.grow}>
        {of.name} <span className={styles.quiet}>{of.role}</span>
      </span>
      <span className={styles.quiet}>
        {of.expires == null ? 'no end' : <>ends {<Time at={of.expires} />}</>}
      </span>
      <Button size="small" disabledFocusable={end.isPending} onClick={() => ask(true)}>
        End…
      </Button>
      {isAsking ? (
        <Confirm
          title={`End the token ${of.name}?`}
          keep="Keep it"
          verb="End it"
          close={() => ask(false)}
          act={() => end.mutate()}
        >
          What calls with it is refused from now on. A token that has ended cannot be brought back.
        </Confirm>
      ) : null}
    </li>
  )
}
