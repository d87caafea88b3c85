import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { ApiProblem, explain } from '#/api/errors'

/** Why a form was not taken, above its buttons. Nothing while there is nothing to say. */
export function FormError({ error, title }: { error: unknown; title?: string }) {
  if (error === null || error === undefined) return null
  const told = explain(error)
  const heading = title ?? (error instanceof ApiProblem && error.status < 500 ? '' : told.title)
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        {heading === '' ? null : <MessageBarTitle>{heading}</MessageBarTitle>}
        {told.detail}
        {told.requestId === null || heading === '' ? null : ` (request ${told.requestId})`}
      </MessageBarBody>
    </MessageBar>
  )
}

/** What is wrong about one field, for the line below it. */
export function fieldError(error: unknown, name: string): string | null {
  if (!(error instanceof ApiProblem)) return null
  return error.fields.find((it) => it.name === name)?.detail ?? null
}
