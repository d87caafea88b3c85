// Which of the affected resources is looked at.
import { Field, Select } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { assessmentsQuery } from '#/api/queries/posture'
import { useScopeName } from '#/components/names'
import { EmptyState, Shown } from '#/ui/states'
import { count } from '#/util/format'
import css from './recommendations.module.css'

/** Lets one choose among the resources on which it is open, and shows what belongs to the chosen one. */
export function Focus(props: {
  check: string
  resource: string | undefined
  pick: (resource: string) => void
  children: (id: string) => ReactNode
}) {
  const { check, resource, pick } = props
  const asked = useQuery(assessmentsQuery({ check: [check], verdict: ['unhealthy'] }))
  const scopeName = useScopeName()
  return (
    <Shown of={asked}>
      {({ items, total }) => {
        const chosen = resource ?? items[0]?.resource.id
        if (chosen === undefined) {
          return (
            <EmptyState title="It is open on no resource">
              Where it is open, its surroundings would stand here.
            </EmptyState>
          )
        }
        const isListed = items.some((it) => it.resource.id === chosen)
        return (
          <div className={css.detail}>
            <Field
              label="Affected resource"
              style={{ maxWidth: 560 }}
              hint={total > items.length ? `The first ${count(items.length)} of ${count(total)}` : null}
            >
              <Select className={css.pick ?? ''} value={chosen} onChange={(_, { value }) => pick(value)}>
                {isListed ? null : <option value={chosen}>{chosen}</option>}
                {items.map(({ resource: it }) => (
                  <option key={it.id} value={it.id}>
                    {`${it.name === '' ? it.id : it.name} (${scopeName(it.scope)})`}
                  </option>
                ))}
              </Select>
            </Field>
            {props.children(chosen)}
          </div>
        )
      }}
    </Shown>
  )
}
