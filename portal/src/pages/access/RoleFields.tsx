// The choice of a role and of where it counts.
import { Field, Select } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { rolesQuery } from '#/api/queries/access'
import { scopesQuery } from '#/api/queries/scopes'
import { counted } from '#/util/format'
import { isRole, type Role, roleNames } from './words'

export interface RoleAtPlace {
  role: Role
  /** Empty: everywhere. */
  scope: string
}

export function RoleFields(props: { value: RoleAtPlace; onChange: (value: RoleAtPlace) => void }) {
  const { value, onChange } = props
  const scopes = useQuery(scopesQuery)
  const roles = useQuery(rolesQuery)
  const may = roles.data?.find((it) => it.role === value.role)
  return (
    <>
      <Field
        label="Role"
        hint={
          may === undefined
            ? ' '
            : `It includes ${counted(may.may.length, 'operation')}${
                value.scope === '' && may.may_on_tenant.length > 0
                  ? `, and ${counted(may.may_on_tenant.length, 'more')} on the whole tenant`
                  : ''
              }: ${may.may.slice(0, 6).join(', ')}${may.may.length > 6 ? ', …' : '.'}`
        }
      >
        <Select
          value={value.role}
          onChange={(_, { value: role }) => {
            if (isRole(role)) onChange({ ...value, role })
          }}
        >
          {Object.entries(roleNames).map(([role, name]) => (
            <option key={role} value={role}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Where" hint="With everything below it.">
        <Select value={value.scope} onChange={(_, { value: scope }) => onChange({ ...value, scope })}>
          <option value="">Everywhere</option>
          {scopes.data?.items.map((it) => (
            <option key={it.id} value={it.id}>
              {'\u00a0\u00a0'.repeat(it.depth)}
              {it.name}
            </option>
          ))}
        </Select>
      </Field>
    </>
  )
}
