import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schemas } from '#/api/client'
import { FormError } from '#/ui/FormError'
import { notify } from '#/ui/notify'
import { Section, useSectionStyles } from './Section'

/** What the person is about to do; each begins with the password. */
type Aim = 'begin' | 'drop' | 'renew'

const aims: Record<Aim, string> = {
  begin: 'Set up an app',
  drop: 'Stop using the app',
  renew: 'Make new recovery codes',
}

/** The authenticator app and its recovery codes. */
export function SecondFactorSection({ account }: { account: Schemas['User'] }) {
  const styles = useSectionStyles()
  const [aim, setAim] = useState<Aim | null>(null)
  const [app, setApp] = useState<Schemas['AuthenticatorApp'] | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const offered: readonly Aim[] = account.secondFactor ? ['renew', 'drop'] : ['begin']
  return (
    <Section
      title="Second factor"
      about={
        account.secondFactor
          ? 'Signing in asks for a code of your authenticator app.'
          : 'An authenticator app shows codes that sign-in asks for beside the password.'
      }
      action={
        aim !== null || app !== null || codes !== null ? undefined : (
          <div className={styles.buttons}>
            {offered.map((it) => (
              <Button key={it} onClick={() => setAim(it)}>
                {aims[it]}
              </Button>
            ))}
          </div>
        )
      }
    >
      {aim === null ? null : (
        <PasswordAgain
          aim={aim}
          cancel={() => setAim(null)}
          onApp={(it) => {
            setAim(null)
            setApp(it)
          }}
          onCodes={(it) => {
            setAim(null)
            setCodes(it)
          }}
        />
      )}
      {app === null ? null : (
        <ConfirmApp
          app={app}
          cancel={() => setApp(null)}
          onCodes={(it) => {
            setApp(null)
            setCodes(it)
          }}
        />
      )}
      {codes === null ? null : <Codes codes={codes} done={() => setCodes(null)} />}
    </Section>
  )
}

function PasswordAgain(props: {
  aim: Aim
  cancel: () => void
  onApp: (app: Schemas['AuthenticatorApp']) => void
  onCodes: (codes: readonly string[]) => void
}) {
  const { aim, cancel, onApp, onCodes } = props
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [password, setPassword] = useState('')
  const prove = useMutation({
    mutationFn: async () => {
      const body = { password }
      switch (aim) {
        case 'begin':
          onApp(await bodyOf(api.POST('/api/v1/me/totp', { body })))
          return
        case 'renew':
          onCodes((await bodyOf(api.POST('/api/v1/me/recovery-codes', { body }))).recoveryCodes)
          return
        case 'drop':
          await api.POST('/api/v1/me/totp/drop', { body })
          notify({ intent: 'success', title: 'The app is no longer asked for' })
          await client.invalidateQueries({ queryKey: ['me'] })
          cancel()
      }
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    prove.mutate()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label="Your password, once more" required>
        <Input
          type="password"
          value={password}
          onChange={(_, { value }) => setPassword(value)}
          autoComplete="current-password"
          autoFocus
        />
      </Field>
      <FormError error={prove.error} />
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={prove.isPending}>
          {aims[aim]}
        </Button>
        <Button onClick={cancel}>Cancel</Button>
      </div>
    </form>
  )
}

function ConfirmApp(props: {
  app: Schemas['AuthenticatorApp']
  cancel: () => void
  onCodes: (codes: readonly string[]) => void
}) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/me/totp/confirm', { body: { code: code.trim() } })),
    onSuccess: ({ recoveryCodes }) => {
      props.onCodes(recoveryCodes)
      return client.invalidateQueries({ queryKey: ['me'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    confirm.mutate()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <p>
        Add an account in your authenticator app with this key, or open <a href={props.app.link}>this link</a>{' '}
        on the device that has the app.
      </p>
      <output className={styles.code} aria-label="Key for the app">
        {props.app.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}
      </output>
      <Field label="The code that the app shows now" required>
        <Input
          value={code}
          onChange={(_, { value }) => setCode(value)}
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
        />
      </Field>
      <FormError error={confirm.error} />
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={confirm.isPending}>
          Confirm
        </Button>
        <Button onClick={props.cancel}>Cancel</Button>
      </div>
    </form>
  )
}

function Codes({ codes, done }: { codes: readonly string[]; done: () => void }) {
  const styles = useSectionStyles()
  return (
    <div className={styles.form}>
      <p>
        Each of these codes replaces the app once. They are shown only now: keep them where the app is not.
      </p>
      <output className={styles.code} aria-label="Recovery codes">
        <div className={styles.codes}>
          {codes.map((it) => (
            <div key={it}>{it}</div>
          ))}
        </div>
      </output>
      <div className={styles.buttons}>
        <Button appearance="primary" onClick={done}>
          I have kept them
        </Button>
        <Button onClick={() => void navigator.clipboard.writeText(codes.join('\n'))}>Copy</Button>
      </div>
    </div>
  )
}
