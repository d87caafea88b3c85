// Groups, their members and their roles.
import { Button, Field, Input, Select } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import {
  addGroup,
  addMember,
  grantsQuery,
  groupsQuery,
  membersQuery,
  removeGrant,
  removeGroup,
  removeMember,
  usersQuery,
} from '#/api/queries/access'
import { meQuery } from '#/api/queries/people'
import { scopesQuery } from '#/api/queries/scopes'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { notifyError } from '#/ui/notify'
import { SidePanel } from '#/ui/SidePanel'
import { EmptyState, Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import css from './access.module.css'
import { FormDialog } from './FormDialog'
import { GiveRole } from './GiveRole'
import { placeName, roleNames } from './words'

type Group = Schemas['Group']

export function GroupsTab(props: {
  open: number | undefined
  onOpen: (number: number | undefined, follows?: boolean) => void
}) {
  const groups = useQuery(groupsQuery)
  const me = useQuery(meQuery)
  const [isAdding, setIsAdding] = useState(false)
  const source = useList<Group>({
    data: groups.data,
    isPending: groups.isPending,
    error: groups.error,
    refetch: groups.refetch,
  })
  const columns = useMemo(groupColumns, [])
  const may = me.data?.can.includes('group.manage') === true
  const opened = groups.data?.find((it) => it.number === props.open)
  const add = (
    <Button size="small" appearance="primary" disabledFocusable={!may} onClick={() => setIsAdding(true)}>
      Add a group
    </Button>
  )
  return (
    <>
      <Table
        name="groups"
        label="Groups"
        noun={['group', 'groups']}
        columns={columns}
        source={source}
        id={(it) => String(it.number)}
        opened={props.open === undefined ? undefined : String(props.open)}
        onOpen={(it, follows) => props.onOpen(it.number, follows)}
        tools={add}
        empty={
          <EmptyState title="There are no groups yet" action={add}>
            A group gives its roles to all its members. With an identity provider, a group of the same name
            there says who is in it.
          </EmptyState>
        }
      />
      {opened === undefined ? null : <GroupPanel group={opened} close={() => props.onOpen(undefined)} />}
      {isAdding ? <AddGroup close={() => setIsAdding(false)} /> : null}
    </>
  )
}

function groupColumns(): readonly Column<Group>[] {
  return [
    { key: 'name', title: 'Group', width: 240, grow: true, card: 'title', cell: (it) => it.name },
    {
      key: 'claim',
      title: 'At the identity provider',
      width: 260,
      card: 'line',
      cell: (it) => it.claim ?? <span className={css.quiet}>members are chosen here</span>,
    },
    { key: 'created', title: 'Since', width: 140, card: 'mark', cell: (it) => <Time at={it.created} /> },
  ]
}

function AddGroup({ close }: { close: () => void }) {
  const [name, setName] = useState('')
  const [claim, setClaim] = useState('')
  return (
    <FormDialog
      title="Add a group"
      button="Add"
      lacks={name.trim() === '' ? 'A name is missing.' : ''}
      act={() => addGroup({ name: name.trim(), ...(claim.trim() === '' ? {} : { claim: claim.trim() }) })}
      keys={['list_groups']}
      close={close}
    >
      <Field label="Name" required hint="Letters, digits and . _ - @ +">
        <Input value={name} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field
        label="Group at the identity provider"
        hint="When it is given, the identity provider says at each sign-in who is in it."
      >
        <Input value={claim} onChange={(_, { value }) => setClaim(value)} />
      </Field>
    </FormDialog>
  )
}

function GroupPanel({ group, close }: { group: Group; close: () => void }) {
  const [asked, setAsked] = useState<'role' | 'remove'>()
  const may = group.can.includes('group.manage')
  return (
    <SidePanel title={group.name} subtitle="Group" focus={false} close={close}>
      <Members group={group} may={may} />
      <GroupRoles group={group} />
      <div className={css.actions}>
        <Button size="small" onClick={() => setAsked('role')}>
          Give a role
        </Button>
        <Button size="small" disabledFocusable={!may} onClick={() => setAsked('remove')}>
          Remove the group
        </Button>
      </div>
      {asked === 'role' ? (
        <GiveRole to={{ group: group.number }} name={group.name} close={() => setAsked(undefined)} />
      ) : null}
      {asked === 'remove' ? (
        <FormDialog
          title={`Remove ${group.name}?`}
          button="Remove"
          lacks=""
          act={() => removeGroup(group.number)}
          keys={['list_groups', 'list_grants']}
          done={close}
          close={() => setAsked(undefined)}
        >
          Its members lose the roles that they had through it, at once.
        </FormDialog>
      ) : null}
    </SidePanel>
  )
}

/** Does something and shows anew what it changes. */
function useAct(keys: readonly (readonly unknown[])[]) {
  const client = useQueryClient()
  return async (what: () => Promise<unknown>) => {
    try {
      await what()
    } catch (error) {
      notifyError(error)
    }
    await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
  }
}

function Members({ group, may }: { group: Group; may: boolean }) {
  const members = useQuery(membersQuery(group.number))
  const users = useQuery(usersQuery)
  const act = useAct([['list_members', group.number], ['me']])
  const isForeign = group.claim !== undefined && group.claim !== null
  return (
    <>
      <h3 className={css.title}>Members</h3>
      <Shown of={members} rows={2}>
        {(all) => {
          const others = users.data?.filter((it) => !all.some((member) => member.number === it.number)) ?? []
          return (
            <>
              <ul className={css.lines}>
                {all.map((it) => (
                  <li key={it.number} className={css.line}>
                    <span>{it.displayName}</span>
                    <Button
                      size="small"
                      appearance="subtle"
                      disabledFocusable={!may || isForeign}
                      onClick={() => void act(() => removeMember(group.number, it.number))}
                    >
                      Take out
                    </Button>
                  </li>
                ))}
              </ul>
              {isForeign ? (
                <p className={css.quiet}>The identity provider says who is in it ({group.claim}).</p>
              ) : (
                <Select
                  aria-label="Add a member"
                  value=""
                  disabled={!may || others.length === 0}
                  onChange={(_, { value }) => {
                    if (value !== '') void act(() => addMember(group.number, Number(value)))
                  }}
                >
                  <option value="">{others.length === 0 ? 'Everybody is in it' : 'Add a member …'}</option>
                  {others.map((it) => (
                    <option key={it.number} value={it.number}>
                      {it.displayName}
                    </option>
                  ))}
                </Select>
              )}
            </>
          )
        }}
      </Shown>
    </>
  )
}

function GroupRoles({ group }: { group: Group }) {
  const grants = useQuery(grantsQuery)
  const scopes = useQuery(scopesQuery)
  const act = useAct([['list_grants'], ['me']])
  const own = grants.data?.filter((it) => it.group === group.number) ?? []
  return (
    <>
      <h3 className={css.title}>Roles</h3>
      {own.length === 0 ? <p className={css.quiet}>None yet.</p> : null}
      <ul className={css.lines}>
        {own.map((it) => (
          <li key={it.number} className={css.line}>
            <span>
              {roleNames[it.role]}, {placeName(it.scope, scopes.data?.items)}
            </span>
            <Button
              size="small"
              appearance="subtle"
              disabledFocusable={!it.can.includes('grant.manage')}
              onClick={() => void act(() => removeGrant(it.number))}
            >
              Take away
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
