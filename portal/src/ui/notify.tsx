// Short notices: that something was done (with a way back where there is one), or that it was not.
import {
  Link,
  Toast,
  ToastBody,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useId,
  useToastController,
} from '@fluentui/react-components'
import { useEffect } from 'react'
import { explain } from '#/api/errors'

interface Notice {
  intent: 'success' | 'error' | 'info'
  title: string
  detail?: string | undefined
  /** One thing that may be done about it, e.g. to undo. */
  action?: { label: string; do: () => void } | undefined
}

const listeners = new Set<(notice: Notice) => void>()

/** Shows a notice. Successes go by themselves; errors stay until they are closed. */
export function notify(notice: Notice) {
  for (const listener of listeners) listener(notice)
}

/** Shows why something was not done, in the words of the server. */
export function notifyError(error: unknown) {
  const { title, detail, requestId } = explain(error)
  notify({ intent: 'error', title, detail: requestId === null ? detail : `${detail} (request ${requestId})` })
}

/** Where notices appear; stands once in the frame. */
export function Notices() {
  const id = useId('notices')
  const { dispatchToast } = useToastController(id)
  useEffect(() => {
    const show = ({ intent, title, detail, action }: Notice) => {
      const doing = action && (
        <ToastTrigger>
          <Link onClick={action.do}>{action.label}</Link>
        </ToastTrigger>
      )
      dispatchToast(
        <Toast>
          <ToastTitle
            action={
              doing ?? (
                <ToastTrigger>
                  <Link>Close</Link>
                </ToastTrigger>
              )
            }
          >
            {title}
          </ToastTitle>
          {detail === undefined ? null : <ToastBody>{detail}</ToastBody>}
        </Toast>,
        { intent, timeout: intent === 'error' ? -1 : 6000, pauseOnHover: true },
      )
    }
    listeners.add(show)
    return () => {
      listeners.delete(show)
    }
  }, [dispatchToast])
  return <Toaster toasterId={id} position="bottom-end" />
}
