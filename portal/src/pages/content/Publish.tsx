// What can be done with a check that was written: kept, published, taken along as a file.
import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { saveFile } from '#/api/download'
import { explain } from '#/api/errors'
import { createCheck, publishCheck, reviseCheck } from '#/api/queries/own-checks'
import { meQuery } from '#/api/queries/people'
import { notify } from '#/ui/notify'
import css from './content.module.css'
import { type Draft, idOf, missing } from './draft'
import { saidOf } from './said'
import type { Trial } from './use-trial'

/** Keeps it, and publishes it when that is asked for, then shows it. */
function useKeep(draft: Draft, text: string, edits: boolean) {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (publishes: boolean) => {
      const kept = edits ? await reviseCheck(idOf(draft), text) : await createCheck(text)
      return { id: kept.id, done: publishes ? await publishCheck(kept.id) : undefined }
    },
    onSuccess: ({ id, done }) => {
      notify(
        done === undefined
          ? {
              intent: 'success',
              title: 'Kept as a draft',
              detail: 'It judges nothing before it is published.',
            }
          : { intent: 'success', title: 'Published', detail: saidOf(done) },
      )
      void navigate({ to: '/content/checks/$check', params: { check: id } })
    },
    onSettled: () => client.invalidateQueries(),
  })
}

export function Publish(props: {
  draft: Draft
  trial: Trial
  edits: boolean
  /** Whether the text of what was edited is still being made. */
  isWriting: boolean
}) {
  const { draft, trial, edits } = props
  const { data: me } = useQuery(meQuery)
  const keep = useKeep(draft, trial.text, edits)
  const may = me?.can.includes('recommendation.write') ?? false
  const lacks =
    missing(draft) ||
    (trial.problem === undefined ? '' : 'Mend what is marked first.') ||
    (may ? '' : 'Your roles do not include checks.')
  const isOff = lacks !== '' || keep.isPending || trial.isPending || props.isWriting
  return (
    <>
      {keep.error === null ? null : (
        <MessageBar intent="error">
          <MessageBarBody>{explain(keep.error).detail}</MessageBarBody>
        </MessageBar>
      )}
      <div className={css.actions}>
        <Button appearance="primary" disabledFocusable={isOff} onClick={() => keep.mutate(true)}>
          {keep.isPending ? 'Publishing' : 'Publish'}
        </Button>
        <Button disabledFocusable={isOff} onClick={() => keep.mutate(false)}>
          Keep as draft
        </Button>
        <Button
          appearance="subtle"
          disabledFocusable={draft.kind === ''}
          onClick={() =>
            saveFile(new Blob([trial.text], { type: 'application/yaml' }), `${idOf(draft)}.check.yaml`)
          }
        >
          Download
        </Button>
        <span className={css.quiet}>{lacks}</span>
      </div>
    </>
  )
}
