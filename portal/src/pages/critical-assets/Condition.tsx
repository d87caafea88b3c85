// When a classification holds: rows that one fills in, or the same as openCypher.
import { Field } from '@fluentui/react-components'
import { lazy, Suspense, useMemo, useState } from 'react'
import { CypherEditor } from '#/components/CypherEditor'
import { Tabs } from '#/ui/SidePanel'
import { Loading } from '#/ui/states'
import type { Preview } from './use-preview'

const Builder = lazy(async () => ({ default: (await import('#/components/builder/Builder')).Builder }))

type Form = 'rows' | 'text'

export function Condition(props: {
  value: string
  onChange: (where: string) => void
  /** The label of what it is about; empty before that is chosen. */
  label: string
  preview: Preview
}) {
  const { value, onChange, label, preview } = props
  const [form, show] = useState<Form>('rows')
  const { place } = preview
  const problems = useMemo(() => (place === undefined ? [] : [place]), [place])
  const predicate = useMemo(() => ({ variable: 'r', label }), [label])
  const anchor = useMemo(() => ({ variable: 'r', labels: label === '' ? [] : [label] }), [label])
  return (
    <div>
      <Tabs<Form>
        selected={form}
        select={show}
        of={[
          { value: 'rows', label: 'Rows' },
          { value: 'text', label: 'openCypher' },
        ]}
      />
      <div style={{ paddingTop: 12 }}>
        {form === 'rows' ? (
          <Suspense fallback={<Loading rows={3} label="Rows" />}>
            <Builder value={value} onChange={onChange} anchor={anchor} onText={() => show('text')} />
          </Suspense>
        ) : (
          <Field
            label="It holds when"
            required
            hint="openCypher over the resource r, such as r.merlon.tags.env = 'prod', or true for all"
            {...(place === undefined
              ? {}
              : {
                  validationState: 'error' as const,
                  validationMessage: `Line ${place.line}, column ${place.column}: ${place.detail}`,
                })}
          >
            <div>
              <CypherEditor
                label="It holds when"
                value={value}
                rows={5}
                problems={problems}
                predicate={predicate}
                placeholder="r.name STARTS WITH 'ledger'"
                onChange={onChange}
              />
            </div>
          </Field>
        )}
      </div>
    </div>
  )
}
