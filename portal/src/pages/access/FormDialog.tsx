// A dialog with a form: it stays open and says why when the server refuses.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { FormError } from '#/ui/FormError'
import css from './access.module.css'

/** `act` does it; `keys` name the lists that change by it. `lacks` says what is missing before it can be done. */
export function FormDialog<T>(props: {
  title: string
  button: string
  lacks: string
  act: () => Promise<T>
  keys: readonly string[]
  done?: (result: T) => void
  close: () => void
  /** Whether the dialog stays when it is done: its content shows what came of it. */
  stays?: boolean
  children: ReactNode
}) {
  const { act, keys, done, close, lacks, stays = false } = props
  const client = useQueryClient()
  const doing = useMutation({
    mutationFn: act,
    onSuccess: async (result) => {
      await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })))
      done?.(result)
      if (!stays) close()
    },
  })
  return (
    <Dialog open modalType="modal" onOpenChange={(_, { open }) => (open ? undefined : close())}>
      <DialogSurface className={css.surface}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (lacks === '') doing.mutate()
          }}
        >
          <DialogBody>
            <DialogTitle>{props.title}</DialogTitle>
            <DialogContent className={css.form}>
              {props.children}
              <FormError error={doing.error} />
            </DialogContent>
            <DialogActions>
              <span className={css.lacks}>{lacks}</span>
              <Button onClick={close}>Cancel</Button>
              <Button type="submit" appearance="primary" disabledFocusable={lacks !== '' || doing.isPending}>
                {props.button}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
