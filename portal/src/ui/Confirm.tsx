// Asks before something is done that cannot be undone.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'

/** Open as long as it is drawn. `keep` and `verb` say what the buttons do: "Keep it", "End it". */
export function Confirm(props: {
  title: string
  children: ReactNode
  keep: string
  verb: string
  close: () => void
  act: () => void
}) {
  const { title, children, keep, verb, close, act } = props
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => (open ? undefined : close())}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>{children}</DialogContent>
          <DialogActions>
            <Button onClick={close}>{keep}</Button>
            <Button
              appearance="primary"
              onClick={() => {
                close()
                act()
              }}
            >
              {verb}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
