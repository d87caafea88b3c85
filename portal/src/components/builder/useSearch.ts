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
  edit: (search: Search) => void
}

/** How the server writes a condition that holds for everything. */
const ALWAYS = 'true'

/**
 * The form of `value`. What is edited is written after a pause, and `onChange` gets the text; the form stays as it was
 * edited, half-filled rows included, until `value` becomes another text. What is edited is never lost: when the form goes
 * away, the text follows at once. `without` is the text of a condition that has no rows yet, where that is not the one
 * that always holds: rows that are not filled in must not say of everything what they are about to say of something.
 */
export function useSearchForm(of: {
  value: string
  onChange: (text: string) => void
  /** Told whether the text is about to follow what was edited, also of what is written when the form went away. */
  onWriting: ((isWriting: boolean) => void) | undefined
  anchor: string | undefined
  without: string | undefined
}): Editing {
  const { value, anchor, without } = of
  const [edited, setEdited] = useState<{ search: Search; of: string }>()
  const [failed, fail] = useState<unknown>(null)
  const waiting = useRef<{ timer: number; abort: AbortController; write: () => void }>(undefined)
  const { onChange, onWriting } = of
  const say = useRef({ onChange, onWriting })
  useEffect(() => {
    say.current = { onChange, onWriting }
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
      say.current.onWriting?.(true)
      const abort = new AbortController()
      let isSent = false
      const write = () => {
        if (isSent) return
        isSent = true
        writtenOf(search, anchor, abort.signal).then(
          (told) => {
            if (abort.signal.aborted) return
            const isEmpty = anchor !== undefined && told.text === ALWAYS
            const text = isEmpty ? (without ?? told.text) : told.text
            setEdited({ search, of: text })
            say.current.onWriting?.(false)
            say.current.onChange(text)
          },
          (error: unknown) => {
            if (abort.signal.aborted) return
            say.current.onWriting?.(false)
            fail(error)
          },
        )
      }
      waiting.current = { timer: window.setTimeout(write, PAUSE), abort, write }
    },
    [stop, value, anchor, without],
  )
  if (isOwn) return { search: edited.search, beyond: undefined, error: failed, edit }
  if (isBlank) return { search: nothing, beyond: undefined, error: failed, edit }
  return {
    search: form,
    beyond: read.data?.beyond,
    error: read.error ?? failed,
    edit,
  }
}
