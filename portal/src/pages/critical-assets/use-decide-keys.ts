// The keys that decide on assets to review.
import { useEffect, useMemo, useRef } from 'react'
import { useKeys } from '#/frame/keys'
import type { Deciding } from './DecideBar'

/** `c` and `n` decide on what is ticked, or on what is open. */
export function useDecideKeys(isOn: boolean, begin: (decision: Deciding['decision']) => void) {
  const latest = useRef(begin)
  useEffect(() => {
    latest.current = begin
  })
  const keys = useMemo(
    () =>
      isOn
        ? [
            { keys: 'c', label: 'Mark what is ticked as critical', do: () => latest.current('critical') },
            {
              keys: 'n',
              label: 'Mark what is ticked as not critical',
              do: () => latest.current('notCritical'),
            },
          ]
        : [],
    [isOn],
  )
  useKeys('Assets to review', keys)
}
