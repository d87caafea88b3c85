// Accounts of people and machines.
import { Badge, Button, Field, Input, Radio, RadioGroup } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import type { Schemas } from '#/api/client'
import { addGrant, addUser, usersQuery } from '#/api/queries/access'
import { meQuery } from '#/api/queries/people'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { notify } from '#/ui/notify'
import { Time } from '#/ui/Time'
import { FormDialog } from './FormDialog'
import { type RoleAtPlace, RoleFields } from './RoleFields'
import { UserPanel } from './UserPanel'
import { roleNames } from './words'

type User = Schemas['User']

interface TabProps {
  open: number | undefined
  onOpen: (number: number | undefined, follows?: boolean) => void
}

export function PeopleTab({ open, onOpen }: TabProps) {
  const users = useQuery(usersQuery)
  const me = useQuery(meQuery)
  const [isAdding, setIsAdding] = useState(false)
  const source = useList<User>({
    data: users.data,
    isPending: users.isPending,
    error: users.error,
    refetch: users.refetch,
  })
  const columns = useMemo(userColumns, [])
  const may = me.data?.can.includes('user.manage') === true
  const opened = users.data?.find((it) => it.number === open)
  return (
    <>
      <Table
        name="users"
        label="Accounts"
        noun={['account', 'accounts']}
        columns={columns}
        source={source}
        id={(it) => String(it.number)}
        opened={open === undefined ? undefined : String(open)}
        onOpen={(it, follows) => onOpen(it.number, follows)}
        download={{ path: '/api/v1/users', query: {}, file: 'accounts' }}
        tools={
          <Button
            size="small"
            appearance="primary"
            disabledFocusable={!may}
            onClick={() => setIsAdding(true)}
          >
            Add an account
          </Button>
        }
      />
      {opened === undefined ? null : <UserPanel user={opened} close={() => onOpen(undefined)} />}
      {isAdding ? <AddUser close={() => setIsAdding(false)} /> : null}
    </>
  )
}

function userColumns(): readonly Column<User>[] {
  return [
    {
      key: 'displayName',
      title: 'Name',
      width: 200,
      grow: true,
      card: 'title',
      cell: (it) => it.displayName,
    },
    { key: 'name', title: 'Signs in as', width: 160, card: 'line', cell: (it) => it.name },
    { key: 'email', title: 'E-mail', width: 180, cell: (it) => it.email ?? '–' },
    { key: 'ways', title: 'Proves it by', width: 200, card: 'line', cell: (it) => waysOf(it) },
    {
      key: 'signedIn',
      title: 'Last sign-in',
      width: 130,
      cell: (it) => (it.signedIn === undefined || it.signedIn === null ? 'never' : <Time at={it.signedIn} />),
    },
    { key: 'state', title: 'State', width: 160, card: 'mark', cell: (it) => <State user={it} /> },
  ]
}

export function State({ user }: { user: User }) {
  if (!user.active) return <Badge appearance="tint">switched off</Badge>
  if (user.mustChangePassword) {
    return (
      <Badge appearance="tint" color="warning">
        new password due
      </Badge>
    )
  }
  return (
    <Badge appearance="tint" color="success">
      active
    </Badge>
  )
}

/** How an account is proved, in words. */
export function waysOf(user: User): string {
  if (user.kind === 'service') return 'tokens'
  const ways = [user.password ? 'password' : '', user.provider ? 'identity provider' : ''].filter(
    (it) => it !== '',
  )
  if (user.secondFactor) ways.push('second factor')
  return ways.length === 0 ? 'nothing yet' : ways.join(', ')
}

const kinds = [
  { value: 'person', label: 'A person, who signs in' },
  { value: 'service', label: 'A machine, which has tokens only' },
] as const

/** A colleague or a machine, together with the first role. */
function AddUser({ close }: { close: () => void }) {
  const [kind, setKind] = useState<'person' | 'service'>('person')
  const [displayName, setDisplayName] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [place, setPlace] = useState<RoleAtPlace>({ role: 'reader', scope: '' })
  const lacks =
    displayName.trim() === ''
      ? 'A name is missing.'
      : name.trim() === ''
        ? 'The name to sign in with is missing.'
        : kind === 'person' && password.length < 12
          ? 'The first password needs at least 12 characters.'
          : ''
  // When the role is refused, the account is there already: trying again gives it another.
  const made = useRef<User>(undefined)
  const add = async () => {
    made.current ??= await addUser({
      kind,
      name: name.trim(),
      displayName: displayName.trim(),
      ...(email.trim() === '' ? {} : { email: email.trim() }),
      ...(kind === 'person' ? { password } : {}),
    })
    const user = made.current
    await addGrant({
      account: user.number,
      role: place.role,
      ...(place.scope === '' ? {} : { scope: place.scope }),
    })
    return user
  }
  return (
    <FormDialog
      title="Add an account"
      button="Add"
      lacks={lacks}
      act={add}
      keys={['list_users', 'list_grants']}
      done={(user) =>
        notify({
          intent: 'success',
          title: `${user.displayName} is ${roleNames[place.role]}`,
          detail: kind === 'person' ? 'The first password must be changed when it is used.' : undefined,
        })
      }
      close={close}
    >
      <RadioGroup
        value={kind}
        onChange={(_, { value }) => setKind(value === 'service' ? 'service' : 'person')}
        aria-label="What the account is for"
      >
        {kinds.map((it) => (
          <Radio key={it.value} value={it.value} label={it.label} />
        ))}
      </RadioGroup>
      <Field label="Name" required>
        <Input value={displayName} onChange={(_, { value }) => setDisplayName(value)} />
      </Field>
      <Field label={kind === 'person' ? 'Name to sign in with' : 'Short name'} required>
        <Input
          value={name}
          spellCheck={false}
          autoComplete="off"
          onChange={(_, { value }) => setName(value)}
        />
      </Field>
      {kind === 'person' ? (
        <>
          <Field label="E-mail">
            <Input type="email" value={email} onChange={(_, { value }) => setEmail(value)} />
          </Field>
          <Field
            label="First password"
            required
            hint="Tell it them; it must be changed at the first sign-in."
          >
            <Input
              type="password"
              autoComplete="new-password"
              value={password}
              onChange={(_, { value }) => setPassword(value)}
            />
          </Field>
        </>
      ) : null}
      <RoleFields value={place} onChange={setPlace} />
    </FormDialog>
  )
}
