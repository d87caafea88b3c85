import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api, bodyOf } from '#/api/client'
import { ApiProblem } from '#/api/errors'
import { waysQuery } from '#/api/queries/people'
import { FormError } from '#/ui/FormError'
import { Shown } from '#/ui/states'
import { ours } from '#/util/ours'
import { Door, useFormStyles } from './Door'

/** Why the identity provider sent the browser back without a session. */
const providerTrouble: Record<string, string> = {
  access_denied: 'The identity provider says that you turned it down.',
  'no-origin': 'This server does not know its own address: set `server.origin`.',
}

/** Back to where the person wanted to go: only to an address of this portal. */
function go(to: string | undefined) {
  window.location.replace(ours(to, window.location.origin))
}

/** Signing in: name and password, then a code where there is a second factor; or at the identity provider. */
export function SignInPage() {
  const ways = useQuery(waysQuery)
  const { to } = useSearch({ from: '/sign-in' })
  return (
    <Shown of={ways} loading={<Door title="Sign in" />}>
      {({ needsSetUp, provider }) =>
        needsSetUp ? <NeedsSetUp /> : <SignInForm hasProvider={provider} onDone={() => go(to)} />
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

function SignInForm({ hasProvider, onDone }: { hasProvider: boolean; onDone: () => void }) {
  const styles = useFormStyles()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const signIn = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/sign-in', {
          body: { name, password, ...(code === '' ? {} : { code: code.trim() }) },
        }),
      ),
    onSuccess: onDone,
  })
  const failed = signIn.error
  const wantsCode = failed instanceof ApiProblem && failed.code === 'second-factor'
  const [sawCode, setSawCode] = useState(false)
  if (wantsCode && !sawCode) setSawCode(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  const fromProvider = providerError()
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
        {wantsCode && code === '' ? null : <FormError error={failed ?? fromProvider} />}
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" size="large" disabledFocusable={signIn.isPending}>
            {signIn.isPending ? 'Signing in …' : 'Sign in'}
          </Button>
        </div>
      </form>
      {hasProvider ? <ProviderButton /> : null}
    </Door>
  )
}

function providerError(): Error | null {
  const word = /[#&]provider=([\w-]+)/.exec(window.location.hash)?.[1]
  if (word === undefined) return null
  return new Error(
    providerTrouble[word] ?? 'The identity provider did not say who you are: the log of the server says why.',
  )
}

function ProviderButton() {
  const styles = useFormStyles()
  return (
    <div className={styles.buttons}>
      <div className={styles.rule}>
        <span className={styles.line} />
        or
        <span className={styles.line} />
      </div>
      <Button size="large" as="a" href="/api/v1/sign-in/provider">
        Continue with your organisation
      </Button>
    </div>
  )
}
