// What differs between two states of a document: each value with what it was and what it is.
import { mergeClasses } from '@fluentui/react-components'
import { JsonBlock } from './JsonValue'
import css from './json.module.css'
import type { Json } from './lines'

export interface ValueChange {
  path: string
  /** Null or undefined where it was absent. */
  before: Json
  after: Json
}

type Sort = 'added' | 'removed' | 'changed'

/** Whether a value appeared, vanished or is another. */
export function sortOf({ before, after }: ValueChange): Sort {
  if ((before ?? null) === null && (after ?? null) !== null) return 'added'
  if ((before ?? null) !== null && (after ?? null) === null) return 'removed'
  return 'changed'
}

const signs: Record<Sort, string> = { added: '+', removed: '−', changed: '~' }
const words: Record<Sort, string> = { added: 'Added', removed: 'Removed', changed: 'Changed' }

/** The values that differ, in the order of their paths. */
export function JsonDiff({ changes, label }: { changes: readonly ValueChange[]; label: string }) {
  return (
    <ul className={css.diff} aria-label={label}>
      {changes.map((it) => {
        const sort = sortOf(it)
        return (
          <li key={it.path} className={css.change}>
            <span className={mergeClasses(css.sign, css[sort])} title={words[sort]}>
              <span aria-hidden="true">{signs[sort]}</span>
              <span className={css.hidden}>{words[sort]}</span>
            </span>
            <code className={css.path}>{it.path}</code>
            <span className={css.values}>
              {sort === 'added' ? null : (
                <span className={mergeClasses(css.side, css.was)}>
                  <span className={css.hidden}>from </span>
                  <JsonBlock value={it.before} />
                </span>
              )}
              {sort === 'changed' ? (
                <span className={css.quiet} aria-hidden="true">
                  →
                </span>
              ) : null}
              {sort === 'removed' ? null : (
                <span className={mergeClasses(css.side, css.is)}>
                  <span className={css.hidden}>to </span>
                  <JsonBlock value={it.after} />
                </span>
              )}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
