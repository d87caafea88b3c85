import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schemas } from '#/api/client'
import { knowsPasskeys, makePasskey } from '#/api/passkeys'
import { passkeysQuery } from '#/api/queries/account'
import { waysQuery } from '#/api/queries/people'
import { notify, notifyError } from '#/ui/notify'
import { EmptyState, Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { agentWords } from './agent'
import { PasswordAgain } from './PasswordAgain'
import { RecoveryCodes } from './RecoveryCodes'
import { Section, useSectionStyles } from './Section'

/** Passkeys: devices and keys that sign in by themselves, and stand in for codes beside the password. */
export function PasskeysSection({ account }: { account: Schemas['User'] }) {
  const styles = useSectionStyles()
  const passkeys = useQuery(passkeysQuery)
  const ways = useQuery(waysQuery)
  const [isAdding, setIsAdding] = useState(false)
  const [codes, setCodes] = useState<readonly string[]>([])
  const canAdd = ways.data?.passkey === true && knowsPasskeys()
  return (
    <Section
      title="Passkeys"
      about="A phone, a computer or a security key signs you in without a password. While you have one, the password alone does not."
      action={
        isAdding || codes.length > 0 || !canAdd ? undefined : (
          <Button onClick={() => setIsAdding(true)}>Add a passkey</Button>
        )
      }
    >
      {isAdding ? (
        <AddPasskey
          account={account}
          cancel={() => setIsAdding(false)}
          done={(it) => {
            setIsAdding(false)
            setCodes(it)
          }}
        />
      ) : null}
      {codes.length === 0 ? null : <RecoveryCodes codes={codes} done={() => setCodes([])} />}
      <Shown of={passkeys} rows={1}>
        {(all) =>
          all.length === 0 ? (
            isAdding ? null : (
              <EmptyState title="You have no passkeys">
                {ways.data?.passkey === false
                  ? 'The server must know its own address before anybody can: https with a host name, set as server.origin.'
                  : canAdd
                    ? 'Nobody can guess one, and none can be typed into a page that only looks like this one.'
                    : 'This browser knows no passkeys at this address.'}
              </EmptyState>
            )
          ) : (
            <ul className={styles.rows}>
              {all.map((it) => (
                <PasskeyRow
                  key={it.id}
                  of={it}
                  account={account}
                  isLastFactor={all.length === 1 && !account.app}
                />
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  )
}

function AddPasskey(props: {
  account: Schemas['User']
  cancel: () => void
  done: (codes: readonly string[]) => void
}) {
  const client = useQueryClient()
  const [name, setName] = useState(() => agentWords(navigator.userAgent))
  const add = async (password: string) => {
    const begun = await bodyOf(api.POST('/api/v1/me/passkeys/options', { body: { password } }))
    const credential = await makePasskey(begun.publicKey)
    const made = await bodyOf(api.POST('/api/v1/me/passkeys', { body: { name: name.trim(), credential } }))
    notify({ intent: 'success', title: `“${made.passkey.name}” signs you in from now on` })
    props.done(made.recoveryCodes ?? [])
    // What one may do can hang on it, too.
    await client.invalidateQueries({ queryKey: ['me'] })
  }
  return (
    <PasswordAgain account={props.account} button="Add the passkey" act={add} cancel={props.cancel}>
      <Field label="What to call it" hint="Such as the device that it is on." required>
        <Input value={name} onChange={(_, { value }) => setName(value)} maxLength={128} autoFocus />
      </Field>
    </PasswordAgain>
  )
}

function PasskeyRow(props: { of: Schemas['Passkey']; account: Schemas['User']; isLastFactor: boolean }) {
  const { of, account, isLastFactor } = props
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [step, setStep] = useState<'rest' | 'rename' | 'remove'>('rest')
  const rest = () => setStep('rest')
  const remove = async (password: string) => {
    await api.POST('/api/v1/me/passkeys/{id}/drop', { params: { path: { id: of.id } }, body: { password } })
    notify({ intent: 'success', title: `“${of.name}” signs nobody in any more` })
    await client.invalidateQueries({ queryKey: ['me'] })
  }
  return (
    <li>
      <div className={styles.row}>
        {step === 'rename' ? (
          <RenamePasskey of={of} done={rest} />
        ) : (
          <>
            <span className={styles.grow}>
              {of.name}{' '}
              <span className={styles.quiet}>{of.backedUp ? 'on several devices' : 'on one device'}</span>
            </span>
            <span className={styles.quiet}>
              {of.used == null ? 'not used yet' : <>used {<Time at={of.used} />}</>}
            </span>
            <Button size="small" onClick={() => setStep('rename')} aria-label={`Rename ${of.name}`}>
              Rename
            </Button>
            <Button size="small" onClick={() => setStep('remove')} aria-label={`Remove ${of.name}`}>
              Remove
            </Button>
          </>
        )}
      </div>
      {step === 'remove' ? (
        <div className={styles.below}>
          <PasswordAgain
            account={account}
            button="Remove the passkey"
            about={
              isLastFactor && account.password
                ? 'Your password alone signs you in then.'
                : 'It signs nobody in then. Remove it on the device, too: the server cannot.'
            }
            act={remove}
            cancel={rest}
          />
        </div>
      ) : null}
    </li>
  )
}

function RenamePasskey({ of, done }: { of: Schemas['Passkey']; done: () => void }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [name, setName] = useState(of.name)
  const rename = useMutation({
    mutationFn: () =>
      api.PATCH('/api/v1/me/passkeys/{id}', {
        params: { path: { id: of.id } },
        body: { name: name.trim() },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: passkeysQuery.queryKey })
      done()
    },
    onError: notifyError,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    rename.mutate()
  }
  return (
    <form className={styles.line} onSubmit={submit}>
      <Input
        className={styles.grow}
        aria-label="Name of the passkey"
        value={name}
        onChange={(_, { value }) => setName(value)}
        maxLength={128}
        autoFocus
      />
      <Button type="submit" size="small" appearance="primary" disabledFocusable={rename.isPending}>
        Save
      </Button>
      <Button size="small" onClick={done}>
        Cancel
      </Button>
    </form>
  )
}
