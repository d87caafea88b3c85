// An account beside the list: its roles, its sessions, and what an owner may do about it.
import { Button, Field, Input } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '#/api/client'
import {
  addServiceToken,
  changeUser,
  grantsQuery,
  removeGrant,
  removeUser,
  resetSecondFactor,
  setUserPassword,
  signUserOut,
} from '#/api/queries/access'
import { scopesQuery } from '#/api/queries/scopes'
import { notify, notifyError } from '#/ui/notify'
import { SidePanel } from '#/ui/SidePanel'
import { Time } from '#/ui/Time'
import { counted } from '#/util/format'
import css from './access.module.css'
import { FormDialog } from './FormDialog'
import { GiveRole } from './GiveRole'
import { State, waysOf } from './PeopleTab'
import { type RoleAtPlace, RoleFields } from './RoleFields'
import { placeName, roleNames } from './words'

type User = Schemas['User']
type Asked = 'role' | 'remove' | 'password' | 'token'

export function UserPanel({ user, close }: { user: User; close: () => void }) {
  const [asked, setAsked] = useState<Asked>()
  const done = () => setAsked(undefined)
  return (
    <SidePanel title={user.displayName} subtitle={user.name} focus={false} close={close}>
      <dl className={css.facts}>
        <dt>State</dt>
        <dd>
          <State user={user} />
        </dd>
        <dt>Proves it by</dt>
        <dd>{waysOf(user)}</dd>
        <dt>E-mail</dt>
        <dd>{user.email ?? '–'}</dd>
        <dt>Since</dt>
        <dd>
          <Time at={user.created} />
        </dd>
      </dl>
      <Roles user={user} give={() => setAsked('role')} />
      <Actions user={user} ask={setAsked} />
      {asked === 'role' ? (
        <GiveRole to={{ account: user.number }} name={user.displayName} close={done} />
      ) : null}
      {asked === 'password' ? <NewPassword user={user} close={done} /> : null}
      {asked === 'token' ? <NewToken user={user} close={done} /> : null}
      {asked === 'remove' ? (
        <FormDialog
          title={`Remove ${user.displayName}?`}
          button="Remove"
          lacks=""
          act={() => removeUser(user.number)}
          keys={['list_users', 'list_grants', 'list_tokens']}
          done={close}
          close={done}
        >
          The account, its roles, its sessions and its tokens go at once. What it did stays in the audit log.
          To keep it for later, switch it off instead.
        </FormDialog>
      ) : null}
    </SidePanel>
  )
}

function Roles({ user, give }: { user: User; give: () => void }) {
  const grants = useQuery(grantsQuery)
  const scopes = useQuery(scopesQuery)
  const client = useQueryClient()
  const own = grants.data?.filter((it) => it.account === user.number) ?? []
  const remove = async (number: number) => {
    try {
      await removeGrant(number)
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries({ queryKey: ['list_grants'] })
  }
  return (
    <>
      <h3 className={css.title}>Roles of its own</h3>
      {own.length === 0 ? <p className={css.quiet}>None: what it may, it may through groups.</p> : null}
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
              onClick={() => void remove(it.number)}
            >
              Take away
            </Button>
          </li>
        ))}
      </ul>
      <Button size="small" onClick={give}>
        Give a role
      </Button>
    </>
  )
}

function Actions({ user, ask }: { user: User; ask: (what: Asked) => void }) {
  const client = useQueryClient()
  const may = user.can.includes('user.manage')
  const act = (what: () => Promise<unknown>, title: string) => async () => {
    try {
      await what()
      notify({ intent: 'success', title })
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries({ queryKey: ['list_users'] })
  }
  const signOut = async () => {
    try {
      const { ended } = await signUserOut(user.number)
      notify({ intent: 'success', title: `${counted(ended, 'session')} ended` })
    } catch (error) {
      notifyError(error)
    }
  }
  const isPerson = user.kind === 'person'
  return (
    <>
      <h3 className={css.title}>Account</h3>
      <div className={css.actions}>
        <Button
          size="small"
          disabledFocusable={!may}
          onClick={() =>
            void act(
              () => changeUser(user.number, { active: !user.active }),
              `${user.displayName} is switched ${user.active ? 'off' : 'on'}`,
            )()
          }
        >
          {user.active ? 'Switch off' : 'Switch on'}
        </Button>
        {isPerson ? (
          <>
            <Button size="small" disabledFocusable={!may} onClick={() => void signOut()}>
              Sign out everywhere
            </Button>
            <Button size="small" disabledFocusable={!may} onClick={() => ask('password')}>
              Set a password
            </Button>
            <Button
              size="small"
              disabledFocusable={!may || !user.secondFactor}
              onClick={() =>
                void act(
                  () => resetSecondFactor(user.number),
                  'The second factor is gone; it can be set up anew',
                )()
              }
            >
              Reset the second factor
            </Button>
          </>
        ) : (
          <Button size="small" disabledFocusable={!may} onClick={() => ask('token')}>
            Make a token
          </Button>
        )}
        <Button size="small" disabledFocusable={!may} onClick={() => ask('remove')}>
          Remove
        </Button>
      </div>
    </>
  )
}

function NewPassword({ user, close }: { user: User; close: () => void }) {
  const [password, setPassword] = useState('')
  return (
    <FormDialog
      title={`Set a password for ${user.displayName}`}
      button="Set"
      lacks={password.length < 12 ? 'At least 12 characters.' : ''}
      act={() => setUserPassword(user.number, password)}
      keys={['list_users']}
      done={() => notify({ intent: 'success', title: 'It must be changed at the next sign-in' })}
      close={close}
    >
      <Field label="Password" required hint="It counts once: a new one is asked for at the next sign-in.">
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(_, { value }) => setPassword(value)}
        />
      </Field>
    </FormDialog>
  )
}

const DAY = 86_400_000

function NewToken({ user, close }: { user: User; close: () => void }) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('90')
  const [place, setPlace] = useState<RoleAtPlace>({ role: 'reader', scope: '' })
  const [token, setToken] = useState<string>()
  const length = Number(days)
  const make = async () => {
    const fresh = await addServiceToken(user.number, {
      name: name.trim(),
      role: place.role,
      expires: new Date(Date.now() + length * DAY).toISOString(),
      ...(place.scope === '' ? {} : { scope: place.scope }),
    })
    setToken(fresh.token)
  }
  if (token !== undefined) {
    return (
      <FormDialog
        title="The token"
        button="Copied"
        lacks=""
        act={() => Promise.resolve()}
        keys={[]}
        close={close}
      >
        It is shown this once. Keep it where secrets are kept.
        <code className={css.secret}>{token}</code>
      </FormDialog>
    )
  }
  return (
    <FormDialog
      title={`A token for ${user.displayName}`}
      button="Make"
      lacks={name.trim() === '' ? 'Say what it is for.' : length > 0 ? '' : 'Say for how many days.'}
      act={make}
      keys={['list_tokens']}
      stays
      close={close}
    >
      <Field label="What it is for" required>
        <Input value={name} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label="Days that it counts" required>
        <Input type="number" value={days} onChange={(_, { value }) => setDays(value)} />
      </Field>
      <RoleFields value={place} onChange={setPlace} />
    </FormDialog>
  )
}
