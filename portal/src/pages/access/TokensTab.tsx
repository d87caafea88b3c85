// All tokens that count, whose they are, and when they were used last.
import { Button } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { removeToken, tokensQuery, usersQuery } from '#/api/queries/access'
import { meQuery } from '#/api/queries/people'
import { scopesQuery } from '#/api/queries/scopes'
import type { Column } from '#/table/columns'
import { useList } from '#/table/source'
import { Table } from '#/table/Table'
import { Confirm } from '#/ui/Confirm'
import { notify, notifyError } from '#/ui/notify'
import { EmptyState } from '#/ui/states'
import { Time } from '#/ui/Time'
import { isRole, placeName, roleNames } from './words'

type Token = Schemas['Token']

export function TokensTab() {
  const tokens = useQuery(tokensQuery)
  const users = useQuery(usersQuery)
  const scopes = useQuery(scopesQuery)
  const client = useQueryClient()
  const me = useQuery(meQuery)
  const may = me.data?.can.includes('token.manage') === true
  const source = useList<Token>({
    data: tokens.data,
    isPending: tokens.isPending,
    error: tokens.error,
    refetch: tokens.refetch,
  })
  const columns = useMemo(
    (): readonly Column<Token>[] => [
      { key: 'name', title: 'What it is for', width: 220, grow: true, card: 'title', cell: (it) => it.name },
      {
        key: 'account',
        title: 'Of',
        width: 180,
        card: 'line',
        cell: (it) => users.data?.find((user) => user.number === it.account)?.displayName ?? it.account,
      },
      {
        key: 'role',
        title: 'At most',
        width: 160,
        cell: (it) => (isRole(it.role) ? roleNames[it.role] : it.role),
      },
      {
        key: 'scope',
        title: 'Where',
        width: 200,
        cell: (it) => placeName(it.scope, scopes.data?.items),
      },
      {
        key: 'used',
        title: 'Last used',
        width: 130,
        card: 'line',
        cell: (it) => (it.used == null ? 'never' : <Time at={it.used} />),
      },
      {
        key: 'expires',
        title: 'Ends',
        width: 130,
        card: 'mark',
        cell: (it) => (it.expires == null ? 'never' : <Time at={it.expires} />),
      },
    ],
    [users.data, scopes.data],
  )
  const [ending, setEnding] = useState<Token>()
  const end = async (token: Token) => {
    try {
      await removeToken(token.number)
      notify({ intent: 'success', title: `The token ${token.name} no longer counts` })
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries({ queryKey: ['list_tokens'] })
  }
  const list = (
    <Table
      name="tokens"
      label="Tokens"
      noun={['token', 'tokens']}
      columns={columns}
      source={source}
      id={(it) => String(it.number)}
      actions={(it) => (
        <Button size="small" appearance="subtle" disabledFocusable={!may} onClick={() => setEnding(it)}>
          End it…
        </Button>
      )}
      empty={
        <EmptyState title="There are no tokens">
          Scripts and machines call the interface with tokens. A person makes their own under Account; for a
          machine, add a service account under People and make a token there.
        </EmptyState>
      }
    />
  )
  return (
    <>
      {list}
      {ending === undefined ? null : (
        <Confirm
          title={`End the token ${ending.name}?`}
          keep="Keep it"
          verb="End it"
          close={() => setEnding(undefined)}
          act={() => void end(ending)}
        >
          {ending.used == null ? (
            'It was never used.'
          ) : (
            <>
              It was used last <Time at={ending.used} />.
            </>
          )}{' '}
          What calls with it is refused from now on. A token that has ended cannot be brought back.
        </Confirm>
      )}
    </>
  )
}
