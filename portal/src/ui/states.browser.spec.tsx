import { FluentProvider } from '@fluentui/react-components'
import { expect, test, vi } from 'vitest'
import { page } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import { ApiProblem } from '#/api/errors'
import { Shown } from './states'
import { lightTheme } from './tokens'

const problem = (status: number) => new ApiProblem(status, 'word', 'so it is')

test.each([
  ['data while there is no error', 'twelve', null, 'It is twelve', ''],
  ['data while newer could not be fetched', 'twelve', problem(503), 'It is twelve', ''],
  ['no data that is gone', 'twelve', problem(404), '', 'There is no such thing'],
  ['no data that the caller may see no more', 'twelve', problem(403), '', 'Your roles do not include this'],
  ['why there is none', undefined, problem(500), '', 'The server failed'],
])('shows %s', async (_, data, error, shown, alert) => {
  const refetch = vi.fn()
  await render(
    <FluentProvider theme={lightTheme}>
      <Shown of={{ data, error, isPending: false, refetch }}>{(it) => <p>It is {it}</p>}</Shown>
    </FluentProvider>,
  )
  if (shown !== '') await expect.element(page.getByText(shown)).toBeVisible()
  else expect(page.getByText('It is twelve').elements()).toHaveLength(0)
  if (alert !== '') await expect.element(page.getByRole('alert')).toHaveTextContent(alert)
  else expect(page.getByRole('alert').elements()).toHaveLength(0)
})
