/** An id in monospace that can be copied. */
import { useEffect, useState } from 'react'
import css from './copyable.module.css'

/** Puts text into the clipboard; false where the browser does not let it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** A button that copies `text` and says so for a moment. `what` completes its name: "Copy id". */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, say] = useState<'copied' | 'refused'>()
  useEffect(() => {
    if (said === undefined) return
    const timer = setTimeout(() => say(undefined), 1600)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <button
      type="button"
      className={css.button}
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={async (event) => {
        event.stopPropagation()
        say((await copyText(text)) ? 'copied' : 'refused')
      }}
    >
      <svg
        width="14"
        height="14"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        aria-hidden="true"
      >
        {said === 'copied' ? (
          <path d="M3 8.5 6.5 12 13 4.5" strokeWidth="2" />
        ) : (
          <path d="M5.5 5.5V2.5h8v8h-3M2.5 5.5h8v8h-8Z" strokeLinejoin="round" />
        )}
      </svg>
      <span role="status" className={css.said}>
        {said === 'copied' ? 'Copied' : said === 'refused' ? 'The browser does not let this page copy' : ''}
      </span>
    </button>
  )
}

/** An id, shortened in the middle of its line where it is too long, with a button that copies it whole. */
export function Copyable({ text, what = 'id' }: { text: string; what?: string }) {
  return (
    <span className={css.copyable}>
      <code className={css.text} title={text}>
        {text}
      </code>
      <CopyButton text={text} what={what} />
    </span>
  )
}
