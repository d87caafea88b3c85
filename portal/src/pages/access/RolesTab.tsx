// Who has which role where, in one list.
import { Button } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { addGrant, grantsQuery, groupsQuery, removeGrant, usersQuery } from '#/api/queries/access'
import { meQuery } from '#/api/queries/people'
import { scopesQuery } from '#/api/queries/scopes'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { notify, notifyError } from '#/ui/notify'
import { Time } from '#/ui/Time'
import { GiveRole } from './GiveRole'
import { placeName, roleNames } from './words'

type Grant = Schemas['Grant']

export function RolesTab() {
  const grants = useQuery(grantsQuery)
  const users = useQuery(usersQuery)
  const groups = useQuery(groupsQuery)
  const scopes = useQuery(scopesQuery)
  const me = useQuery(meQuery)
  const client = useQueryClient()
  const [isGiving, setIsGiving] = useState(false)
  const source = useList<Grant>({
    data: grants.data,
    isPending: grants.isPending,
    error: grants.error,
    refetch: grants.refetch,
  })
  const columns = useMemo((): readonly Column<Grant>[] => {
    const nameOf = (it: Grant) =>
      users.data?.find((user) => user.number === it.account)?.displayName ??
      groups.data?.find((group) => group.number === it.group)?.name ??
      '–'
    return [
      { key: 'who', title: 'Who', width: 220, grow: true, card: 'title', cell: (it) => nameOf(it) },
      {
        key: 'sort',
        title: 'As',
        width: 110,
        cell: (it) => (it.group === undefined || it.group === null ? 'account' : 'group'),
      },
      { key: 'role', title: 'Role', width: 160, card: 'line', cell: (it) => roleNames[it.role] },
      {
        key: 'scope',
        title: 'Where',
        width: 240,
        card: 'line',
        cell: (it) => <span title={it.scope ?? ''}>{placeName(it.scope, scopes.data?.items)}</span>,
      },
      { key: 'by', title: 'Given by', width: 140, cell: (it) => it.createdBy },
      { key: 'created', title: 'Since', width: 130, card: 'mark', cell: (it) => <Time at={it.created} /> },
    ]
  }, [users.data, groups.data, scopes.data])
  const take = async (grant: Grant) => {
    try {
      await removeGrant(grant.number)
      const { role, account, group, scope } = grant
      const again = () =>
        void addGrant({
          role,
          ...(account === undefined ? {} : { account }),
          ...(group === undefined ? {} : { group }),
          ...(scope === undefined ? {} : { scope }),
        }).then(() => client.invalidateQueries({ queryKey: ['list_grants'] }), notifyError)
      notify({ intent: 'success', title: 'The role is taken away', action: { label: 'Undo', do: again } })
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries({ queryKey: ['list_grants'] })
  }
  const may = me.data?.can.includes('grant.manage') === true
  return (
    <>
      <Table
        name="grants"
        label="Roles"
        noun={['role', 'roles']}
        columns={columns}
        source={source}
        id={(it) => String(it.number)}
        download={{ path: '/api/v1/grants', query: {}, file: 'roles' }}
        actions={(it) => (
          <Button
            size="small"
            appearance="subtle"
            disabledFocusable={!it.can.includes('grant.manage')}
            onClick={() => void take(it)}
          >
            Take away
          </Button>
        )}
        tools={
          <Button
            size="small"
            appearance="primary"
            disabledFocusable={!may}
            onClick={() => setIsGiving(true)}
          >
            Give a role
          </Button>
        }
      />
      {isGiving ? <GiveRole close={() => setIsGiving(false)} /> : null}
    </>
  )
}
