import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, bodyOf } from '#/api/client'
import { ApiProblem, Told } from '#/api/errors'
import { knowsPasskeys, provePasskey } from '#/api/passkeys'
import { waysQuery } from '#/api/queries/people'
import { FormError } from '#/ui/FormError'
import { Shown } from '#/ui/states'
import { ours } from '#/util/ours'
import { Door, useFormStyles } from './Door'

/** Why the identity provider sent the browser back without a session. */
const providerTrouble: Record<string, string> = {
  access_denied: 'It says that you turned it down.',
  'no-origin': 'This server does not know its own address: set `server.origin`.',
}

/** Back to where the person wanted to go: only to an address of this portal. */
function go(to: string | undefined) {
  window.location.replace(ours(to, window.location.origin))
}

/**
 * Signing in: name and password, then a code or a passkey where there is a second factor; or a passkey alone; or at
 * the identity provider.
 */
export function SignInPage() {
  const ways = useQuery(waysQuery)
  const { to } = useSearch({ from: '/sign-in' })
  return (
    <Shown of={ways} loading={<Door title="Sign in" />}>
      {({ needsSetUp, provider, passkey }) =>
        needsSetUp ? (
          <NeedsSetUp />
        ) : (
          <SignInForm hasProvider={provider} hasPasskeys={passkey && knowsPasskeys()} onDone={() => go(to)} />
        )
      }
    </Shown>
  )
}

function NeedsSetUp() {
  return (
    <Door
      title="Nobody has an account yet"
      about="When it started, the server printed a link that ends in a secret. Open it to make the first account. A restart prints another."
    />
  )
}

/** Asks for options only when somebody wants to sign in: the server counts each beginning as an attempt. */
async function signInWithPasskey(known: { name: string; password: string } | null) {
  const begun = await bodyOf(api.POST('/api/v1/sign-in/passkey/options', { body: known ?? {} }))
  const credential = await provePasskey(begun.publicKey)
  return bodyOf(api.POST('/api/v1/sign-in/passkey', { body: { credential } }))
}

function SignInForm(props: { hasProvider: boolean; hasPasskeys: boolean; onDone: () => void }) {
  const { hasProvider, hasPasskeys, onDone } = props
  const styles = useFormStyles()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [sawCode, setSawCode] = useState(false)
  const signIn = useMutation({
    mutationFn: (way: 'password' | 'passkey' | 'both') => {
      if (way !== 'password') return signInWithPasskey(way === 'both' ? { name, password } : null)
      const body = { name, password, ...(code === '' ? {} : { code: code.trim() }) }
      return bodyOf(api.POST('/api/v1/sign-in', { body }))
    },
    onSuccess: onDone,
  })
  const failed = signIn.error
  const wantsCode = failed instanceof ApiProblem && failed.code === 'second-factor'
  if (wantsCode && !sawCode) setSawCode(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate('password')
  }
  const isBusy = signIn.isPending
  return (
    <Door title="Sign in" about="to see what is exposed, what it means, and what to do first.">
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name" required>
          <Input
            value={name}
            onChange={(_, { value }) => setName(value)}
            autoComplete="username"
            autoFocus
            spellCheck={false}
          />
        </Field>
        <Field label="Password" required>
          <Input
            type="password"
            value={password}
            onChange={(_, { value }) => setPassword(value)}
            autoComplete="current-password"
          />
        </Field>
        {sawCode ? (
          <Field label="Code" hint="Of your authenticator app, or one of your recovery codes." required>
            <Input
              value={code}
              onChange={(_, { value }) => setCode(value)}
              autoComplete="one-time-code"
              autoFocus
              inputMode="text"
            />
          </Field>
        ) : null}
        {wantsCode && code === '' ? null : <FormError error={failed ?? providerError()} />}
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" size="large" disabledFocusable={isBusy}>
            {isBusy && signIn.variables === 'password' ? 'Signing in …' : 'Sign in'}
          </Button>
          {sawCode && hasPasskeys ? (
            <Button size="large" disabledFocusable={isBusy} onClick={() => signIn.mutate('both')}>
              Use a passkey instead of a code
            </Button>
          ) : null}
        </div>
      </form>
      {hasProvider || (hasPasskeys && !sawCode) ? (
        <div className={styles.buttons}>
          <div className={styles.rule}>
            <span className={styles.line} />
            or
            <span className={styles.line} />
          </div>
          {hasPasskeys && !sawCode ? (
            <Button size="large" disabledFocusable={isBusy} onClick={() => signIn.mutate('passkey')}>
              Sign in with a passkey
            </Button>
          ) : null}
          {hasProvider ? (
            <Button size="large" as="a" href="/api/v1/sign-in/provider">
              Continue with your organisation
            </Button>
          ) : null}
        </div>
      ) : null}
    </Door>
  )
}

/** Why nobody is signed in who comes back from the identity provider. */
function providerError(): Error | null {
  const word = /[#&]provider=([\w-]+)/.exec(window.location.hash)?.[1]
  if (word === undefined) return null
  const unknown = 'It did not say who you are: the log of the server says why.'
  return new Told('The identity provider has not signed you in', providerTrouble[word] ?? unknown)
}
