// A query as rows that one fills in. Its value is openCypher: a whole query, or with `anchor` a condition alone.
import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components'
import { type ReactNode, useEffect, useMemo } from 'react'
import { ApiProblem } from '#/api/errors'
import { ErrorState, Loading } from '#/ui/states'
import css from './builder.module.css'
import { type Beyond, beyondWords, type Thing } from './form'
import { Conditions, Labels } from './rows'
import { useSearchForm } from './useSearch'

/**
 * Edits `value` as a form. With `anchor`, the value is a condition on the variable that it names, such as `r` of
 * classifications and checks, and `labels` say what kind of thing that is; `without` is its text when there are no rows.
 * What no form can show is said, with `onText` as the way to the text.
 */
export function Builder(props: {
  value: string
  onChange: (text: string) => void
  anchor?: { variable: string; labels: readonly string[] } | undefined
  without?: string | undefined
  /** What it is, where there are several on a page. */
  label?: string
  onText?: (() => void) | undefined
  /** Takes what no form can show instead of the words that are said here. */
  onBeyond?: ((why: Beyond) => void) | undefined
  /** Told whether `value` is about to follow what was edited: until then it is what it was before. */
  onWriting?: ((isWriting: boolean) => void) | undefined
  /** What stands behind the label of the thing: a live count. */
  aside?: ReactNode
}) {
  const { value, anchor, onBeyond } = props
  const { search, beyond, error, edit } = useSearchForm({
    value,
    onChange: props.onChange,
    onWriting: props.onWriting,
    anchor: anchor?.variable,
    without: props.without,
  })
  useEffect(() => {
    if (beyond !== undefined && beyond !== null) onBeyond?.(beyond)
  }, [beyond, onBeyond])
  const own = search?.thing
  const labels = useMemo(
    () => (anchor === undefined ? (own?.labels ?? []) : [...anchor.labels]),
    [anchor, own],
  )
  if (beyond !== undefined && beyond !== null) {
    if (onBeyond !== undefined) return null
    return (
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>{beyondWords('This query', beyond)}</MessageBarBody>
        {props.onText === undefined ? null : (
          <MessageBarActions>
            <Button size="small" onClick={props.onText}>
              Edit the text
            </Button>
          </MessageBarActions>
        )}
      </MessageBar>
    )
  }
  if (search === undefined) {
    if (error === null || error === undefined) return <Loading rows={3} label="Reading the query" />
    if (!(error instanceof ApiProblem)) return <ErrorState error={error} />
    return (
      <p role="alert" className={css.wrong}>
        {error.message}
      </p>
    )
  }
  const change = (thing: Thing) => edit({ ...search, thing })
  return (
    <section className={css.builder} aria-label={props.label ?? 'Builder'}>
      {anchor === undefined ? (
        <div className={css.line}>
          <span className={css.word}>Find</span>
          <Labels of={search.thing} change={change} name="What to find" />
          {props.aside}
        </div>
      ) : null}
      <Conditions
        items={search.thing.items}
        change={(items) => change({ ...search.thing, items })}
        place={{ labels, canShow: anchor === undefined, depth: 0 }}
      />
      {error === null || error === undefined ? null : (
        <p role="alert" className={css.wrong}>
          {error instanceof Error ? error.message : String(error)}
        </p>
      )}
    </section>
  )
}
