import { Field, Textarea } from '@fluentui/react-components'
import css from './content.module.css'
import type { Place } from './draft'

/** A predicate over `r`, with its problem at its place. */
export function PredicateField(props: {
  label: string
  hint: string
  value: string
  rows: number
  problem: Place | undefined
  onChange: (value: string) => void
}) {
  const { problem } = props
  return (
    <Field
      label={props.label}
      hint={props.hint}
      {...(problem === undefined
        ? {}
        : {
            validationState: 'error' as const,
            validationMessage: `Line ${problem.line}, column ${problem.column}: ${problem.detail}`,
          })}
    >
      <Textarea
        className={css.predicate ?? ''}
        value={props.value}
        rows={props.rows}
        spellCheck={false}
        onChange={(_, { value }) => props.onChange(value)}
      />
    </Field>
  )
}
