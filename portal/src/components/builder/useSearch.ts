// The form of a text and the text of a form, kept in step.
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { api, bodyOf } from '#/api/client'
import { type Form, nothing, type Search, searchOf, type Told } from './form'

/** Milliseconds without a change after which the text follows. */
const PAUSE = 200

const body = (anchor: string | undefined) => (anchor === undefined ? {} : { anchor })

/** The form of a text. */
export function toldOf(text: string, anchor?: string, signal?: AbortSignal): Promise<Told> {
  const of = signal === undefined ? {} : { signal }
  return bodyOf(api.POST('/api/v1/query/search', { body: { text, ...body(anchor) }, ...of }))
}

/** The text of a form. */
function writtenOf(search: Search, anchor: string | undefined, signal: AbortSignal): Promise<Told> {
  const form: Form = search
  return bodyOf(api.POST('/api/v1/query/search', { body: { form, ...body(anchor) }, signal }))
}

export interface Editing {
  /** The form; absent while it is read, and when the text says more than a form can. */
  search: Search | undefined
  beyond: Told['beyond']
  error: unknown
  /** Whether the text is about to follow what was edited. */
  isWriting: boolean
  edit: (search: Search) => void
}

/**
 * The form of `value`. What is edited is written after a pause, and `onChange` gets the text; the form stays as it was
 * edited, half-filled rows included, until `value` becomes another text. What is edited is never lost: when the form goes
 * away, the text follows at once.
 */
export function useSearchForm(
  value: string,
  onChange: (text: string) => void,
  anchor: string | undefined,
): Editing {
  const [edited, setEdited] = useState<{ search: Search; of: string }>()
  const [failed, fail] = useState<unknown>(null)
  const [isWriting, setWriting] = useState(false)
  const waiting = useRef<{ timer: number; abort: AbortController; write: () => void }>(undefined)
  const say = useRef(onChange)
  useEffect(() => {
    say.current = onChange
  })
  const isOwn = edited !== undefined && edited.of === value
  const isBlank = value.trim() === ''
  const read = useQuery({
    queryKey: ['make_search', value, anchor],
    queryFn: ({ signal }) => toldOf(value, anchor, signal),
    enabled: !isOwn && !isBlank,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const given = read.data?.form
  const form = useMemo(() => (given === undefined || given === null ? undefined : searchOf(given)), [given])
  const stop = useCallback(() => {
    window.clearTimeout(waiting.current?.timer)
    waiting.current?.abort.abort()
    waiting.current = undefined
  }, [])
  useEffect(
    () => () => {
      window.clearTimeout(waiting.current?.timer)
      waiting.current?.write()
    },
    [],
  )
  const edit = useCallback(
    (search: Search) => {
      stop()
      fail(null)
      // Until the text is there the form belongs to the text that it was made from.
      setEdited({ search, of: value })
      setWriting(true)
      const abort = new AbortController()
      let isSent = false
      const write = () => {
        if (isSent) return
        isSent = true
        writtenOf(search, anchor, abort.signal).then(
          ({ text }) => {
            if (abort.signal.aborted) return
            setEdited({ search, of: text })
            setWriting(false)
            say.current(text)
          },
          (error: unknown) => {
            if (abort.signal.aborted) return
            setWriting(false)
            fail(error)
          },
        )
      }
      waiting.current = { timer: window.setTimeout(write, PAUSE), abort, write }
    },
    [stop, value, anchor],
  )
  if (isOwn) return { search: edited.search, beyond: undefined, error: failed, isWriting, edit }
  if (isBlank) return { search: nothing, beyond: undefined, error: failed, isWriting, edit }
  return {
    search: form,
    beyond: read.data?.beyond,
    error: read.error ?? failed,
    isWriting,
    edit,
  }
}
