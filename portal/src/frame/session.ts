// Nobody sees a page before somebody has signed in, and comes back to it afterwards.
import { redirect } from '@tanstack/react-router'
import { ApiProblem } from '#/api/errors'
import { meQuery } from '#/api/queries/people'
import { queryClient } from '#/query-client'

/** Pages for those who have no session. */
const open: readonly string[] = ['/sign-in', '/set-up']

export const isOpen = (path: string): boolean => open.includes(path)

/** Sends the browser to the sign-in page, with where it wanted to go, unless there is a session that may go on. */
export async function requireSession(path: string, href: string): Promise<void> {
  if (isOpen(path)) return
  try {
    const { account, secondFactorNeeded } = await queryClient.ensureQueryData(meQuery)
    // Whose password somebody else has set may do nothing before it is changed, nor who lacks a second factor that is
    // demanded before there is one.
    if ((account.mustChangePassword || secondFactorNeeded) && path !== '/account')
      throw redirect({ to: '/account' })
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) {
      throw redirect({ to: '/sign-in', search: href === '/' ? {} : { to: href } })
    }
    throw error
  }
}
