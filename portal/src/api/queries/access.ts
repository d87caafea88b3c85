// People and what they may: accounts, groups, roles, tokens.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, type Schemas } from '../client'

/** Rows of a page, and pages that are read at most: lists of people are short, and pickers need them whole. */
const SIZE = 500
const MOST = 20

interface Paged<Row> {
  items: Row[]
  next?: string | null
}

/** A list as a whole. */
async function whole<Row>(page: (cursor: string | undefined) => Promise<Paged<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  for (let turn = 0; turn < MOST; turn += 1) {
    const { items, next } = await page(cursor)
    rows.push(...items)
    if (next === undefined || next === null) break
    cursor = next
  }
  return rows
}

const at = (cursor: string | undefined) => ({ limit: SIZE, ...(cursor === undefined ? {} : { cursor }) })

/** All accounts, of people and of machines. */
export const usersQuery = queryOptions({
  queryKey: ['list_users'],
  queryFn: ({ signal }) =>
    whole((cursor) => bodyOf(api.GET('/api/v1/users', { params: { query: at(cursor) }, signal }))),
})

export const groupsQuery = queryOptions({
  queryKey: ['list_groups'],
  queryFn: ({ signal }) =>
    whole((cursor) => bodyOf(api.GET('/api/v1/groups', { params: { query: at(cursor) }, signal }))),
})

/** Who is in a group. */
export const membersQuery = (number: number) =>
  queryOptions({
    queryKey: ['list_members', number],
    queryFn: ({ signal }) =>
      whole((cursor) =>
        bodyOf(
          api.GET('/api/v1/groups/{number}/members', {
            params: { path: { number }, query: at(cursor) },
            signal,
          }),
        ),
      ),
  })

/** Who has which role where. */
export const grantsQuery = queryOptions({
  queryKey: ['list_grants'],
  queryFn: ({ signal }) =>
    whole((cursor) => bodyOf(api.GET('/api/v1/grants', { params: { query: at(cursor) }, signal }))),
})

/** All tokens of all accounts; what they say is shown once, when they are made. */
export const tokensQuery = queryOptions({
  queryKey: ['list_tokens'],
  queryFn: ({ signal }) =>
    whole((cursor) => bodyOf(api.GET('/api/v1/tokens', { params: { query: at(cursor) }, signal }))),
})

/** What each role may; it changes with a release. */
export const rolesQuery = queryOptions({
  queryKey: ['list_roles'],
  queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/roles', { signal })),
  staleTime: 60 * 60_000,
})

export const addUser = (body: Schemas['NewUser']) => bodyOf(api.POST('/api/v1/users', { body }))

export const changeUser = (number: number, body: Schemas['ChangeUser']) =>
  bodyOf(api.PATCH('/api/v1/users/{number}', { params: { path: { number } }, body }))

export const removeUser = (number: number) =>
  api.DELETE('/api/v1/users/{number}', { params: { path: { number } } })

export const signUserOut = (number: number) =>
  bodyOf(api.POST('/api/v1/users/{number}/sign-out', { params: { path: { number } } }))

export const resetSecondFactor = (number: number) =>
  api.POST('/api/v1/users/{number}/reset-second-factor', { params: { path: { number } } })

export const setUserPassword = (number: number, password: string) =>
  api.POST('/api/v1/users/{number}/password', { params: { path: { number } }, body: { password } })

export const addServiceToken = (number: number, body: Schemas['NewToken']) =>
  bodyOf(api.POST('/api/v1/users/{number}/tokens', { params: { path: { number } }, body }))

export const removeToken = (number: number) =>
  api.DELETE('/api/v1/tokens/{number}', { params: { path: { number } } })

export const addGroup = (body: Schemas['NewGroup']) => bodyOf(api.POST('/api/v1/groups', { body }))

export const removeGroup = (number: number) =>
  api.DELETE('/api/v1/groups/{number}', { params: { path: { number } } })

export const addMember = (number: number, account: number) =>
  api.PUT('/api/v1/groups/{number}/members/{account}', { params: { path: { number, account } } })

export const removeMember = (number: number, account: number) =>
  api.DELETE('/api/v1/groups/{number}/members/{account}', { params: { path: { number, account } } })

export const addGrant = (body: Schemas['NewGrant']) => bodyOf(api.POST('/api/v1/grants', { body }))

export const removeGrant = (number: number) =>
  api.DELETE('/api/v1/grants/{number}', { params: { path: { number } } })
