import { useCallback, useState } from 'react'

/** State of this browser: kept in its storage, or only as long as the page lives. */
export function usePersisted(
  key: string,
  initial: boolean,
  where: 'browser' | 'page' = 'browser',
): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => {
    const kept = where === 'browser' ? localStorage.getItem(key) : null
    return kept === null ? initial : kept === 'true'
  })
  const change = useCallback(
    (next: boolean) => {
      if (where === 'browser') localStorage.setItem(key, String(next))
      setValue(next)
    },
    [key, where],
  )
  return [value, change]
}
