import { Button } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import { fetchAndSave } from '#/api/download'
import { ArrowDownloadRegular, DocumentTextRegular } from '#/ui/icons'
import { notifyError } from '#/ui/notify'

/** A report of the server to print or hand on, and the same figures as a table. `file` is its name without an ending. */
export function ReportButtons(props: { path: string; scope: string | undefined; file: string }) {
  const { path, scope, file } = props
  const save = useMutation({
    mutationFn: (form: 'html' | 'csv') => fetchAndSave(path, { scope }, form, file),
    onError: notifyError,
  })
  const busy = save.isPending ? save.variables : undefined
  return (
    <>
      <Button
        icon={<DocumentTextRegular />}
        disabledFocusable={save.isPending}
        onClick={() => save.mutate('html')}
      >
        {busy === 'html' ? 'Writing …' : 'Report to print'}
      </Button>
      <Button
        icon={<ArrowDownloadRegular />}
        disabledFocusable={save.isPending}
        onClick={() => save.mutate('csv')}
      >
        CSV
      </Button>
    </>
  )
}
