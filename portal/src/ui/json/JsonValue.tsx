// A value of a document in the colours of its type.

import css from './json.module.css'
import { inLine, type Json } from './lines'

/** Characters of a text that are drawn; the whole is copied and told on hover. */
const MOST = 400

/** What is not there is said in a word: `null` is a value, absence is none. */
export function JsonValue({ value }: { value: Json }) {
  if (value === undefined) return <span className={css.absent}>absent</span>
  if (value === null) return <span className={css.null}>null</span>
  if (typeof value === 'string') {
    const text = inLine(value)
    const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text
    return (
      <span className={css.string} title={text.length > 60 ? value : undefined}>
        {cut}
        {cut === text ? null : <span className={css.quiet}> {text.length - MOST} more characters</span>}
      </span>
    )
  }
  if (typeof value === 'number') return <span className={css.number}>{String(value)}</span>
  if (typeof value === 'boolean') return <span className={css.boolean}>{String(value)}</span>
  return <span>{inLine(value)}</span>
}

/** A value of any size: in one line where it fits, else as a block of its own. */
export function JsonBlock({ value }: { value: Json }) {
  const line = inLine(value)
  if (typeof value !== 'object' || value === null || line.length <= 60) return <JsonValue value={value} />
  return (
    <pre className={css.block} tabIndex={0}>
      {JSON.stringify(value, null, 2)}
    </pre>
  )
}
