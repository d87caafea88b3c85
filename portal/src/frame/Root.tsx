import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { onSignedOut } from '#/api/client'
import { queryClient } from '#/query-client'
import { Frame } from './Frame'
import { isOpen } from './session'

/** What stands around every page: the frame, or nothing for those who are not signed in. */
export function Root() {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const navigate = useNavigate()
  useEffect(
    () =>
      onSignedOut(() => {
        if (isOpen(window.location.pathname)) return
        queryClient.removeQueries({ queryKey: ['me'] })
        const to = window.location.pathname + window.location.search
        void navigate({ to: '/sign-in', search: { to } })
      }),
    [navigate],
  )
  return isOpen(path) ? (
    <Outlet />
  ) : (
    <Frame>
      <Outlet />
    </Frame>
  )
}
