// Shows one page of the portal at an address, with what every page has around it.
import { FluentProvider } from '@fluentui/react-components'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { render } from 'vitest-browser-react'
import { lightTheme } from '#/ui/tokens'
import { parseSearch, stringifySearch } from '#/util/search'

/** Gives back how to read the address that the page is at. */
export async function showPage(of: {
  path: string
  component: () => ReactNode
  search: (search: Record<string, unknown>) => object
  at: string
}): Promise<() => string> {
  const root = createRootRoute()
  const page = createRoute({
    getParentRoute: () => root,
    path: of.path,
    validateSearch: of.search,
    component: of.component,
  })
  const history = createMemoryHistory({ initialEntries: [of.at] })
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history,
    parseSearch,
    stringifySearch,
    // Links lead to pages that are not here: the address is what tests look at.
    defaultNotFoundComponent: () => null,
  })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  await render(
    <FluentProvider theme={lightTheme}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </FluentProvider>,
  )
  return () => history.location.href
}
