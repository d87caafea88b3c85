import { createDOMRenderer, FluentProvider, RendererProvider } from '@fluentui/react-components'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { queryClient } from './query-client'
import { router } from './routes'
import { cspNonce } from './ui/nonce'
import { useTheme } from './ui/theme'
import { darkTheme, lightTheme } from './ui/tokens'

const fill = { height: '100%' }
const nonce = cspNonce()
const renderer = createDOMRenderer(document, nonce === '' ? {} : { styleElementAttributes: { nonce } })

export function App() {
  const { shown } = useTheme()
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <FluentProvider theme={shown === 'dark' ? darkTheme : lightTheme} style={fill}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </FluentProvider>
    </RendererProvider>
  )
}
