// Tries a check on the real inventory as it is written.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { explain } from '#/api/errors'
import { dryRun } from '#/api/queries/content'
import { controlsQuery } from '#/api/queries/posture'
import { type Draft, type Place, placeOf, textOf } from './draft'

/** How long somebody must stop typing before it is tried. */
const PAUSE_MS = 300

export interface Trial {
  /** The text that was tried last. */
  text: string
  data: Schemas['Tried'] | undefined
  /** Why it cannot be tried, in a sentence. */
  problem: string | undefined
  /** Where in the form that is. */
  place: Place | undefined
  isPending: boolean
  /** Whether there is enough to try. */
  isReady: boolean
}

/** The problem without the name of a file that nobody sees. */
const plain = (detail: string): string =>
  detail.replace(/^`text`: /, '').replaceAll(/check\.yaml(:\d+:\d+)?: /g, '')

/** What the check would find. Before a kind and a predicate are there it is not asked for. */
export function useTrial(draft: Draft): Trial {
  const [day] = useState(() => new Date().toISOString().slice(0, 10))
  const { data: controls } = useQuery(controlsQuery)
  const isReady = controls !== undefined && draft.kind !== '' && draft.unhealthy.trim() !== ''
  const text = useMemo(
    () =>
      textOf(draft, day, {
        control: controls?.[0]?.id ?? '',
        reference: `${window.location.origin}/content`,
      }),
    [draft, day, controls],
  )
  const [settled, settle] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const asked = useQuery({
    queryKey: ['dry_run', settled.text],
    queryFn: ({ signal }) => dryRun(settled.text, signal),
    enabled: isReady && settled.text === text.text,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const place = useMemo(
    () => (asked.error === null ? undefined : placeOf(explain(asked.error).detail, settled)),
    [asked.error, settled],
  )
  const failed = asked.error === null ? undefined : plain(explain(asked.error).detail)
  return {
    text: settled.text,
    data: asked.error === null ? asked.data : undefined,
    problem: failed,
    place,
    isPending: asked.isFetching || settled.text !== text.text,
    isReady,
  }
}
