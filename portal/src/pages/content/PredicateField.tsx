import { Field } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { schemaQuery } from '#/api/queries/query'
import { CypherEditor } from '#/components/CypherEditor'
import type { Place } from './draft'

/** A predicate over `r`, a resource of a kind, with its problem at its place. */
export function PredicateField(props: {
  label: string
  hint: string
  kind: string
  value: string
  rows: number
  problem: Place | undefined
  onChange: (value: string) => void
}) {
  const { problem, kind } = props
  const label = useQuery(schemaQuery).data?.labels.find((it) => it.kind === kind)?.label ?? ''
  const problems = useMemo(() => (problem === undefined ? [] : [problem]), [problem])
  const predicate = useMemo(() => ({ variable: 'r', label }), [label])
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
      <div>
        <CypherEditor
          label={props.label}
          value={props.value}
          rows={props.rows}
          problems={problems}
          predicate={predicate}
          onChange={props.onChange}
        />
      </div>
    </Field>
  )
}
