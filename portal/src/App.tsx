import { FluentProvider } from '@fluentui/react-components'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { queryClient } from './query-client'
import { router } from './routes'
import { useTheme } from './ui/theme'
import { darkTheme, lightTheme } from './ui/tokens'

const fill = { height: '100%' }

export function App() {
  const { shown } = useTheme()
  return (
    <FluentProvider theme={shown === 'dark' ? darkTheme : lightTheme} style={fill}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </FluentProvider>
  )
}
