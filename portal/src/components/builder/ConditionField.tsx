// A condition over the resource `r`: rows that one fills in, or the same as openCypher.
import { Field } from '@fluentui/react-components'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { CypherEditor } from '#/components/CypherEditor'
import { Tabs } from '#/ui/SidePanel'
import { Loading } from '#/ui/states'
import css from './builder.module.css'
import { type Beyond, beyondWords } from './form'

const Builder = lazy(async () => ({ default: (await import('./Builder')).Builder }))

type Form = 'rows' | 'text'

export function ConditionField(props: {
  label: string
  /** What is to be known of it in either form. */
  hint?: string
  /** What is to be known of its text. */
  textHint: string
  placeholder?: string
  required?: boolean
  value: string
  onChange: (text: string) => void
  onWriting?: (isWriting: boolean) => void
  /** The label of what it is about; empty before that is chosen. */
  thing: string
  /** Lines that the text is high at least. */
  lines: number
  /** Its text when there are no rows; `true` when left out. */
  without?: string
  /** What is wrong with it, and where. */
  place: { line: number; column: number; detail: string } | undefined
}) {
  const { value, onChange, thing, place } = props
  const [form, show] = useState<Form>('rows')
  const [beyond, setBeyond] = useState<Beyond>()
  const problems = useMemo(() => (place === undefined ? [] : [place]), [place])
  const predicate = useMemo(() => ({ variable: 'r', label: thing }), [thing])
  const anchor = useMemo(() => ({ variable: 'r', labels: thing === '' ? [] : [thing] }), [thing])
  // It stays text until rows are asked for again: what is written must not turn into rows below one's hands.
  const stayText = useCallback((why: Beyond) => {
    setBeyond(why)
    show('text')
  }, [])
  const isRows = form === 'rows'
  const hint = [props.hint, isRows ? undefined : props.textHint].filter((it) => it !== undefined).join('. ')
  return (
    <Field
      label={props.label}
      required={props.required === true}
      hint={hint}
      {...(place === undefined
        ? {}
        : {
            validationState: 'error' as const,
            validationMessage: isRows
              ? place.detail
              : `Line ${place.line}, column ${place.column}: ${place.detail}`,
          })}
    >
      {({ 'aria-labelledby': labelledBy, 'aria-describedby': describedBy }) => (
        <div role="group" aria-labelledby={labelledBy} aria-describedby={describedBy}>
          <Tabs<Form>
            label={`${props.label}: how it is written`}
            selected={form}
            select={(to) => {
              setBeyond(undefined)
              show(to)
            }}
            of={[
              { value: 'rows', label: 'Rows' },
              { value: 'text', label: 'openCypher' },
            ]}
          />
          <div className={css.condition}>
            {isRows ? (
              <Suspense fallback={<Loading rows={3} label="Rows" />}>
                <Builder
                  label={`${props.label}, as rows`}
                  value={value}
                  onChange={onChange}
                  onWriting={props.onWriting}
                  anchor={anchor}
                  without={props.without}
                  onBeyond={stayText}
                />
              </Suspense>
            ) : (
              <>
                <CypherEditor
                  label={props.label}
                  value={value}
                  rows={props.lines}
                  problems={problems}
                  predicate={predicate}
                  placeholder={props.placeholder}
                  onChange={(text) => {
                    setBeyond(undefined)
                    onChange(text)
                  }}
                />
                <div role="status">
                  {beyond === undefined ? null : (
                    <p className={css.beyond}>{beyondWords('It stays text, because it', beyond)}</p>
                  )}
                </div>
              </>
            )}
          </div>
        </div>
      )}
    </Field>
  )
}
