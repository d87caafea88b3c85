import { QueryClient } from '@tanstack/react-query'
import { mayPass } from './api/errors'

/** Answers of the server, by what was asked. They change with commits only, of which the server tells. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 3 && mayPass(error),
    },
  },
})
