// Gives a role on a place to an account or a group.
import { Field, Select } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { addGrant, groupsQuery, usersQuery } from '#/api/queries/access'
import { scopesQuery } from '#/api/queries/scopes'
import { notify } from '#/ui/notify'
import { FormDialog } from './FormDialog'
import { type RoleAtPlace, RoleFields } from './RoleFields'
import { placeName, roleNames } from './words'

type To = { account: number } | { group: number }

/** `to` left out: it is chosen here. */
export function GiveRole({ to, name, close }: { to?: To; name?: string; close: () => void }) {
  const users = useQuery(usersQuery)
  const groups = useQuery(groupsQuery)
  const scopes = useQuery(scopesQuery)
  const [chosen, setChosen] = useState('')
  const [place, setPlace] = useState<RoleAtPlace>({ role: 'reader', scope: '' })
  const receiver = to ?? receiverOf(chosen)
  const choices = [
    ...(users.data ?? []).map((it) => ({ value: `account:${it.number}`, name: it.displayName })),
    ...(groups.data ?? []).map((it) => ({ value: `group:${it.number}`, name: `${it.name} (group)` })),
  ]
  const who = name ?? choices.find((it) => it.value === chosen)?.name ?? ''
  const give = () => {
    if (receiver === undefined) return Promise.reject(new Error('Nobody is chosen'))
    return addGrant({ ...receiver, role: place.role, ...(place.scope === '' ? {} : { scope: place.scope }) })
  }
  return (
    <FormDialog
      title={name === undefined ? 'Give a role' : `Give ${name} a role`}
      button="Give"
      lacks={receiver === undefined ? 'Choose who gets it.' : ''}
      act={give}
      keys={['list_grants', 'me']}
      done={() =>
        notify({
          intent: 'success',
          title: `${who} is ${roleNames[place.role]}, ${placeName(place.scope === '' ? null : place.scope, scopes.data?.items)}`,
        })
      }
      close={close}
    >
      {to === undefined ? (
        <Field label="Who" required>
          <Select value={chosen} onChange={(_, { value }) => setChosen(value)}>
            <option value="">Choose a person, a machine or a group</option>
            {choices.map((it) => (
              <option key={it.value} value={it.value}>
                {it.name}
              </option>
            ))}
          </Select>
        </Field>
      ) : null}
      <RoleFields value={place} onChange={setPlace} />
    </FormDialog>
  )
}

function receiverOf(chosen: string): To | undefined {
  const [sort, number] = chosen.split(':')
  if (sort === 'account') return { account: Number(number) }
  if (sort === 'group') return { group: Number(number) }
  return undefined
}
