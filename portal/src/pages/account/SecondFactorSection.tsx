import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, lazy, Suspense, useState } from 'react'
import { api, bodyOf, type Schemas } from '#/api/client'
import { passkeysQuery } from '#/api/queries/account'
import { FormError } from '#/ui/FormError'
import { notify } from '#/ui/notify'
import { PasswordAgain } from './PasswordAgain'
import { RecoveryCodes } from './RecoveryCodes'
import { Section, useSectionStyles } from './Section'

// Few set up an app, and each once: nobody else loads what draws the picture for it.
const QrCode = lazy(() => import('#/ui/QrCode'))

/** What the person is about to do; each begins with the password. */
type Aim = 'begin' | 'drop' | 'renew'

const aims: Record<Aim, string> = {
  begin: 'Set up an app',
  drop: 'Stop using the app',
  renew: 'Make new recovery codes',
}

/** Where the section stands: at rest, asking for the password, at the app, or showing codes. */
type Step =
  | { at: 'rest' }
  | { at: 'password'; aim: Aim }
  | { at: 'app'; app: Schemas['AuthenticatorApp'] }
  | { at: 'codes'; codes: readonly string[] }

/** The authenticator app, and the recovery codes of app and passkeys. */
export function SecondFactorSection({ account }: { account: Schemas['User'] }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const passkeys = useQuery(passkeysQuery)
  const [step, setStep] = useState<Step>({ at: 'rest' })
  const rest = () => setStep({ at: 'rest' })
  const hasPasskeys = (passkeys.data ?? []).length > 0
  const offered: readonly Aim[] = [
    ...(account.app || hasPasskeys ? (['renew'] as const) : []),
    account.app ? 'drop' : 'begin',
  ]
  const act = async (aim: Aim, password: string) => {
    const body = { password }
    switch (aim) {
      case 'begin':
        setStep({ at: 'app', app: await bodyOf(api.POST('/api/v1/me/totp', { body })) })
        return
      case 'renew': {
        const { recoveryCodes } = await bodyOf(api.POST('/api/v1/me/recovery-codes', { body }))
        setStep({ at: 'codes', codes: recoveryCodes })
        return
      }
      case 'drop':
        await api.POST('/api/v1/me/totp/drop', { body })
        notify({ intent: 'success', title: 'The app is no longer asked for' })
        await client.invalidateQueries({ queryKey: ['me'] })
        rest()
    }
  }
  return (
    <Section
      title="Second factor"
      about={
        account.app
          ? 'Signing in asks for a code of your authenticator app.'
          : 'An authenticator app shows codes that sign-in asks for beside the password.'
      }
      action={
        step.at !== 'rest' ? undefined : (
          <div className={styles.buttons}>
            {offered.map((aim) => (
              <Button key={aim} onClick={() => setStep({ at: 'password', aim })}>
                {aims[aim]}
              </Button>
            ))}
          </div>
        )
      }
    >
      {step.at === 'password' ? (
        <PasswordAgain
          account={account}
          button={aims[step.aim]}
          act={(password) => act(step.aim, password)}
          cancel={rest}
        />
      ) : null}
      {step.at === 'app' ? (
        <ConfirmApp app={step.app} cancel={rest} onCodes={(codes) => setStep({ at: 'codes', codes })} />
      ) : null}
      {step.at === 'codes' ? <RecoveryCodes codes={step.codes} done={rest} /> : null}
    </Section>
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
        Have your authenticator app read this picture, or open <a href={props.app.link}>this link</a> on the
        device that has the app.
      </p>
      <div className={styles.picture}>
        <Suspense fallback={null}>
          <QrCode text={props.app.link} label="Key for the app, to be read by its camera" />
        </Suspense>
      </div>
      <p>Without a camera, add an account in the app and type this key:</p>
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
