// Who may do what: people, groups, the roles that they have, and the tokens of machines.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { grantsQuery, usersQuery } from '#/api/queries/access'
import { Page } from '#/ui/Page'
import { Tabs } from '#/ui/SidePanel'
import { counted } from '#/util/format'
import { present } from '#/util/search'
import css from './access.module.css'
import { GroupsTab } from './GroupsTab'
import { PeopleTab } from './PeopleTab'
import { RolesTab } from './RolesTab'
import { type AccessSearch, type AccessTab, accessSearch } from './search'
import { TokensTab } from './TokensTab'

const labels: readonly { value: AccessTab; label: string }[] = [
  { value: 'people', label: 'People' },
  { value: 'groups', label: 'Groups' },
  { value: 'roles', label: 'Roles' },
  { value: 'tokens', label: 'Tokens' },
]

export function AccessPage() {
  const search = useSearch({ from: '/access' })
  const navigate = useNavigate({ from: '/access' })
  const tab = search.tab ?? 'people'
  const go = useCallback(
    (next: AccessSearch, replace = false) =>
      void navigate({ search: (now) => ({ ...present({ scope: now.scope }), ...next }), replace }),
    [navigate],
  )
  const open = useCallback(
    (number: number | undefined, follows = false) => go(accessSearch({ tab, open: number }), follows),
    [go, tab],
  )
  return (
    <Page title="Access" fill sentence={<Sentence />}>
      <Tabs
        of={labels}
        selected={tab}
        select={(next) => go(accessSearch({ tab: next === 'people' ? undefined : next }))}
      />
      <div className={css.tab}>
        {tab === 'people' ? <PeopleTab open={search.open} onOpen={open} /> : null}
        {tab === 'groups' ? <GroupsTab open={search.open} onOpen={open} /> : null}
        {tab === 'roles' ? <RolesTab /> : null}
        {tab === 'tokens' ? <TokensTab /> : null}
      </div>
    </Page>
  )
}

function Sentence() {
  const users = useQuery(usersQuery)
  const grants = useQuery(grantsQuery)
  if (users.data === undefined || grants.data === undefined) return ' '
  const people = users.data.filter((it) => it.kind === 'person')
  const owners = grants.data.filter((it) => it.role === 'owner' && (it.scope ?? null) === null).length
  const bare = people.filter((it) => it.active && it.password && !it.secondFactor).length
  return (
    <>
      {counted(people.length, 'person', 'people')} and{' '}
      {counted(users.data.length - people.length, 'service account')}; {counted(owners, 'owner')} of
      everything
      {bare === 0 ? '.' : `, and ${counted(bare, 'person signs', 'people sign')} in with a password alone.`}
    </>
  )
}
