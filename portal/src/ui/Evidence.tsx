// What proves a verdict: the values that were found, held against what is wanted.
import type { ReactNode } from 'react'
import css from './evidence.module.css'
import { JsonBlock } from './json/JsonValue'
import type { Json } from './json/lines'

export interface Finding {
  /** Where it stands; where it is a condition rather than a path, the condition. */
  path: string
  /** What stands there; null where it is absent. */
  value: Json
  /** The resource that it was found in, where that is another than the judged one. */
  where?: ReactNode
  /** A link to the place in the document. */
  place?: ReactNode
  /** What this part of the condition asks, where the server says it. */
  asks?: string | undefined
}

/** Whether a path is a condition that was computed rather than a place in a document. */
export function isCondition(path: string): boolean {
  return /[()=<>]|\bIN\b/.test(path)
}

/**
 * Found against wanted. `unhealthy` is the condition of the check that these values make true; what is wanted is that it
 * is not. `hidden` counts values in resources that the reader does not see.
 */
export function Evidence(props: {
  findings: readonly Finding[]
  unhealthy?: string | undefined
  wanted?: ReactNode
  hidden?: number
}) {
  const { findings, unhealthy, hidden = 0 } = props
  return (
    <div className={css.evidence}>
      <section className={css.side} aria-label="Found">
        <h4 className={css.title}>Found</h4>
        {findings.length === 0 ? (
          <p className={css.quiet}>The condition rests on no single value: it is about what is not there.</p>
        ) : (
          <dl className={css.list}>
            {findings.map((it, place) => (
              <div key={`${it.path} ${place}`} className={css.finding}>
                <dt className={css.path}>
                  {isCondition(it.path) ? (
                    <code className={css.condition}>{it.path}</code>
                  ) : (
                    (it.place ?? <code>{it.path}</code>)
                  )}
                  {it.where === undefined ? null : <span className={css.where}> in {it.where}</span>}
                </dt>
                <dd className={css.value}>
                  <JsonBlock value={it.value ?? undefined} />
                </dd>
                {it.asks === undefined ? null : (
                  <dd className={css.asks}>
                    makes true: <code>{it.asks}</code>
                  </dd>
                )}
              </div>
            ))}
          </dl>
        )}
        {hidden > 0 ? (
          <p className={css.quiet}>
            {hidden} further {hidden === 1 ? 'value lies' : 'values lie'} in resources that you do not see.
          </p>
        ) : null}
      </section>
      {unhealthy === undefined && props.wanted === undefined ? null : (
        <section className={css.side} aria-label="Wanted">
          <h4 className={css.title}>Wanted</h4>
          {props.wanted}
          {unhealthy === undefined ? null : (
            <>
              <p className={css.quiet}>This must not hold:</p>
              <pre className={css.code} tabIndex={0}>
                {unhealthy}
              </pre>
            </>
          )}
        </section>
      )}
    </div>
  )
}
