// Does something to a classification, says what came of it, and lets all that rests on it be asked for anew.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Chosen } from '#/api/queries/critical'
import { notify, notifyError } from '#/ui/notify'
import { counted } from '#/util/format'

export interface Choice {
  /** What is said when it is done. */
  says: string
  /** Leaves the number of assets away, where there are none any more. */
  isBare?: boolean
  act: () => Promise<Chosen>
  undo?: (() => void) | undefined
  /** Whether it is to be on, so that a switch shows that at once. */
  wants?: boolean
}

export function useChoice(done?: (chosen: Chosen) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ act }: Choice) => act(),
    onSuccess: (chosen, { says, isBare, undo }) => {
      notify({
        intent: 'success',
        title: says,
        detail: 'matching' in chosen ? (isBare === true ? undefined : held(chosen.matching)) : LATER,
        ...(undo === undefined ? {} : { action: { label: 'Undo', do: undo } }),
      })
      done?.(chosen)
    },
    onError: notifyError,
    onSettled: () => client.invalidateQueries(),
  })
}

const LATER = 'Its assets follow as soon as its job is done.'

const held = (n: number): string => `It holds for ${counted(n, 'resource')}.`
