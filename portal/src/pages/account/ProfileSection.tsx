import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf, type Schemas } from '#/api/client'
import { fieldError, FormError } from '#/ui/FormError'
import { notify } from '#/ui/notify'
import { Section, useSectionStyles } from './Section'

export function ProfileSection({ account }: { account: Schemas['User'] }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [displayName, setDisplayName] = useState(account.displayName)
  const [email, setEmail] = useState(account.email ?? '')
  const save = useMutation({
    mutationFn: () =>
      bodyOf(api.PATCH('/api/v1/me', { body: { displayName, ...(email === '' ? {} : { email }) } })),
    onSuccess: () => {
      notify({ intent: 'success', title: 'Saved' })
      return client.invalidateQueries({ queryKey: ['me'] })
    },
  })
  const isSame = displayName === account.displayName && email === (account.email ?? '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Section title="Profile" about="What others read of you.">
      <form className={styles.form} onSubmit={submit}>
        <Field label="Name" required validationMessage={fieldError(save.error, 'displayName')}>
          <Input value={displayName} onChange={(_, { value }) => setDisplayName(value)} autoComplete="name" />
        </Field>
        <Field label="E-mail" validationMessage={fieldError(save.error, 'email')}>
          <Input
            type="email"
            value={email}
            onChange={(_, { value }) => setEmail(value)}
            autoComplete="email"
          />
        </Field>
        <FormError error={save.error} />
        <div className={styles.buttons}>
          <Button
            type="submit"
            appearance="primary"
            disabledFocusable={isSame || save.isPending}
            title={isSame ? 'Nothing has changed' : undefined}
          >
            Save
          </Button>
        </div>
      </form>
    </Section>
  )
}
