import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf } from '#/api/client'
import { waysQuery } from '#/api/queries/people'
import { FormError, fieldError } from '#/ui/FormError'
import { Link } from '#/ui/Link'
import { Shown } from '#/ui/states'
import { Door, useFormStyles } from './Door'

/** The first account, from the link that the server printed. What stands after `#` never left this browser. */
export function SetUpPage() {
  const ways = useQuery(waysQuery)
  const [secret] = useState(() => window.location.hash.slice(1))
  return (
    <Shown of={ways} loading={<Door title="Set up Merlon" />}>
      {({ needsSetUp }) => {
        if (!needsSetUp) {
          return (
            <Door
              title="Merlon is set up"
              about="There is an account already. Ask its owner for one of your own."
            >
              <Link to="/sign-in">Sign in</Link>
            </Door>
          )
        }
        return secret === '' ? <NoSecret /> : <SetUpForm secret={secret} />
      }}
    </Shown>
  )
}

function NoSecret() {
  return (
    <Door
      title="The link is not whole"
      about="The link that the server printed ends in # and a secret. Open it whole; when it is lost, restart the server for another."
    />
  )
}

function SetUpForm({ secret }: { secret: string }) {
  const styles = useFormStyles()
  const [displayName, setDisplayName] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const setUp = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/set-up', { body: { secret, name, displayName, password } })),
    onSuccess: () => window.location.replace('/'),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUp.mutate()
  }
  const errorOf = (field: string) => fieldError(setUp.error, field)
  const isAboutField = ['name', 'displayName', 'password'].some((it) => errorOf(it) !== null)
  return (
    <Door title="Set up Merlon" about="Make the first account. It owns everything and can invite the others.">
      <form className={styles.form} onSubmit={submit}>
        <Field label="Your name" required validationMessage={errorOf('displayName')}>
          <Input
            value={displayName}
            onChange={(_, { value }) => setDisplayName(value)}
            autoComplete="name"
            autoFocus
          />
        </Field>
        <Field label="Name to sign in with" required validationMessage={errorOf('name')}>
          <Input
            value={name}
            onChange={(_, { value }) => setName(value)}
            autoComplete="username"
            spellCheck={false}
          />
        </Field>
        <Field
          label="Password"
          required
          hint="At least 12 characters. Several words are easier to keep than many signs."
          validationMessage={errorOf('password')}
        >
          <Input
            type="password"
            value={password}
            onChange={(_, { value }) => setPassword(value)}
            autoComplete="new-password"
          />
        </Field>
        {isAboutField ? null : <FormError error={setUp.error} />}
        <Button type="submit" appearance="primary" size="large" disabledFocusable={setUp.isPending}>
          {setUp.isPending ? 'One moment …' : 'Make the account'}
        </Button>
      </form>
    </Door>
  )
}
