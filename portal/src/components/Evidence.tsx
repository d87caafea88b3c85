// Why a verdict is what it is: the values that were found, where they stand, and what would have been right.
import type { Schemas } from '#/api/client'
import { Copyable } from '#/ui/Copyable'
import css from './evidence.module.css'
import { ResourceLink } from './ResourceLink'

/** A value as a person reads it in a document; what is absent is said to be. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'not there'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** What the API says is wanted in the place of a value, where it says so. */
function wantedOf(evidence: object): string | undefined {
  return 'wanted' in evidence && typeof evidence.wanted === 'string' ? evidence.wanted : undefined
}

/** The last part of an id, for what has no name here. */
const shortId = (id: string): string => id.split(/[/:]/).at(-1) || id

/** All values that a verdict rests on. `hidden` of them lie in resources that the caller does not see. */
export function Evidence({ of, hidden = 0 }: { of: readonly Schemas['Evidence'][]; hidden?: number }) {
  if (of.length === 0 && hidden === 0) {
    return (
      <p className={css.quiet}>
        No single value stands for it: what the check looks for is nowhere in the document or around it.
      </p>
    )
  }
  return (
    <ul className={css.list}>
      {of.map((it) => {
        const wanted = wantedOf(it)
        return (
          <li key={`${it.resource ?? ''} ${it.path} ${valueText(it.value)}`} className={css.item}>
            <div className={css.where}>
              {it.resource === undefined || it.resource === null ? null : (
                <span>
                  in <ResourceLink id={it.resource} name={shortId(it.resource)} />
                </span>
              )}
              <Copyable text={it.path} what="path" />
            </div>
            <div className={css.pair}>
              <div className={css.found}>
                <span className={css.label}>Found</span>
                <pre>{valueText(it.value)}</pre>
              </div>
              {wanted === undefined ? null : (
                <div className={css.wanted}>
                  <span className={css.label}>Unhealthy because</span>
                  <pre>{wanted}</pre>
                </div>
              )}
            </div>
          </li>
        )
      })}
      {hidden > 0 ? (
        <li className={css.quiet}>
          {hidden} more {hidden === 1 ? 'value lies' : 'values lie'} in resources that your roles do not include.
        </li>
      ) : null}
    </ul>
  )
}
