// What a classification would find, asked for as it is written.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { explain } from '#/api/errors'
import { type ClassificationPreview, previewClassification } from '#/api/queries/critical'
import { placeOf } from '#/components/cypher/complete'
import { type Draft, lacksToTry, written } from './draft'

/** How long somebody must stop typing before it is tried. */
const PAUSE_MS = 300

export interface Preview {
  data: ClassificationPreview | undefined
  /** Why it cannot be tried, in a sentence. */
  problem: string | undefined
  /** Where in the condition that is. */
  place: ReturnType<typeof placeOf>
  isPending: boolean
  /** What is missing before it can be tried; empty when nothing is. */
  lacks: string
}

export function usePreview(draft: Draft): Preview {
  const lacks = lacksToTry(draft)
  // Level, words and review change nothing of what it finds.
  const { assets, kinds, label, where } = draft
  const text = useMemo(
    () =>
      JSON.stringify(written({ ...draft, assets, kinds, label, where, title: 'preview', description: '' })),
    [draft, assets, kinds, label, where],
  )
  const [settled, settle] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => settle(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const asked = useQuery({
    queryKey: ['preview_classification', settled],
    queryFn: ({ signal }) => previewClassification(JSON.parse(settled), signal),
    enabled: lacks === '' && settled === text,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const failed = asked.error === null ? undefined : explain(asked.error).detail
  const place = useMemo(() => (failed === undefined ? undefined : placeOf(failed)), [failed])
  return {
    data: asked.error === null && lacks === '' ? asked.data : undefined,
    problem: lacks === '' ? failed : undefined,
    place,
    isPending: asked.isFetching || settled !== text,
    lacks,
  }
}
