// Decides on assets to review, says what came of it with the way back, and lets all that rests on it be asked for anew.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import {
  type CriticalAsset,
  type DecidedAssets,
  type DecisionOnAssets,
  decideAssets,
} from '#/api/queries/critical'
import { notify, notifyError } from '#/ui/notify'
import { counted } from '#/util/format'

/** The decisions that were there before, so that undoing brings them back as they were. */
export function wayBack(
  done: DecisionOnAssets['items'],
  before: readonly CriticalAsset[],
): DecisionOnAssets[] {
  const back: DecisionOnAssets[] = []
  const undecided: DecisionOnAssets['items'] = []
  for (const { asset, classifications = [] } of done) {
    const decisions = before.find((it) => it.id === asset)?.decisions ?? []
    for (const id of classifications) {
      const was = decisions.find((it) => it.classification === id)
      const item = { asset, classifications: [id] }
      if (was === undefined) undecided.push(item)
      else {
        const { decision, reason, level } = was
        back.push({ items: [item], decision, reason, ...(level == null ? {} : { level }) })
      }
    }
  }
  return undecided.length === 0 ? back : [{ items: undecided, decision: 'undecided', reason: '' }, ...back]
}

const says = { critical: 'critical', notCritical: 'not critical', undecided: 'up for review again' } as const

export function useDecide(done?: () => void) {
  const client = useQueryClient()
  const undo = async (back: readonly DecisionOnAssets[]) => {
    try {
      for (const it of back) await decideAssets(it)
      notify({ intent: 'success', title: 'It is as before' })
    } catch (error) {
      notifyError(error)
    }
    await client.invalidateQueries()
  }
  return useMutation({
    mutationFn: ({
      on,
    }: {
      on: DecisionOnAssets
      before: readonly CriticalAsset[]
    }): Promise<DecidedAssets> => decideAssets(on),
    onSuccess: (decided, { on, before }) => {
      const title = `${counted(on.items.length, 'asset is', 'assets are')} ${says[on.decision]}`
      if ('items' in decided) {
        const back = wayBack(decided.items, before)
        notify({ intent: 'success', title, action: { label: 'Undo', do: () => void undo(back) } })
      } else {
        notify({ intent: 'success', title: `${title} soon`, detail: 'It counts as soon as its job is done.' })
      }
      done?.()
    },
    onError: notifyError,
    onSettled: () => client.invalidateQueries(),
  })
}
