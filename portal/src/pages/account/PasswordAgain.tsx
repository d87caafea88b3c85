import { Button, Field, Input } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Schemas } from '#/api/client'
import { FormError } from '#/ui/FormError'
import { useSectionStyles } from './Section'

/**
 * Asks for the password once more before what would help somebody who found the browser open. Who has no password is
 * asked nothing: the server wants them to have signed in a moment ago, and says so.
 */
export function PasswordAgain(props: {
  account: Schemas['User']
  button: string
  /** What it is for, and what follows. */
  about?: string
  act: (password: string) => Promise<void>
  cancel: () => void
  /** Other fields of the form, before the password. */
  children?: ReactNode
}) {
  const styles = useSectionStyles()
  const [password, setPassword] = useState('')
  const act = useMutation({ mutationFn: () => props.act(password) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    act.mutate()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {props.about === undefined ? null : <p>{props.about}</p>}
      {props.children}
      {props.account.password ? (
        <Field label="Your password, once more" required>
          <Input
            type="password"
            value={password}
            onChange={(_, { value }) => setPassword(value)}
            autoComplete="current-password"
            autoFocus={props.children === undefined}
          />
        </Field>
      ) : null}
      <FormError error={act.error} />
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabledFocusable={act.isPending}>
          {props.button}
        </Button>
        <Button onClick={props.cancel}>Cancel</Button>
      </div>
    </form>
  )
}
