import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, type Schemas } from '#/api/client'
import { FormError } from '#/ui/FormError'
import { notify } from '#/ui/notify'
import { Section, useSectionStyles } from './Section'

export function PasswordSection({ account }: { account: Schemas['User'] }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const [isOpen, setIsOpen] = useState(account.mustChangePassword)
  const [old, setOld] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: async () => {
      await api.POST('/api/v1/me/password', { body: { old, new: next } })
    },
    onSuccess: () => {
      setIsOpen(false)
      setOld('')
      setNext('')
      notify({ intent: 'success', title: 'Password changed', detail: 'All your other sessions have ended.' })
      return client.invalidateQueries({ queryKey: ['me'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Section
      title="Password"
      about={
        account.mustChangePassword
          ? 'Somebody else has set it: choose your own before you go on.'
          : 'Changing it ends all your other sessions.'
      }
      action={isOpen ? undefined : <Button onClick={() => setIsOpen(true)}>Change</Button>}
    >
      {isOpen ? (
        <form className={styles.form} onSubmit={submit}>
          <Field label="Old password" required>
            <Input
              type="password"
              value={old}
              onChange={(_, { value }) => setOld(value)}
              autoComplete="current-password"
              autoFocus
            />
          </Field>
          <Field label="New password" required hint="At least 12 characters.">
            <Input
              type="password"
              value={next}
              onChange={(_, { value }) => setNext(value)}
              autoComplete="new-password"
            />
          </Field>
          <FormError error={change.error} />
          <div className={styles.buttons}>
            <Button type="submit" appearance="primary" disabledFocusable={change.isPending}>
              Change the password
            </Button>
            <Button onClick={() => setIsOpen(false)}>Cancel</Button>
          </div>
        </form>
      ) : null}
    </Section>
  )
}
