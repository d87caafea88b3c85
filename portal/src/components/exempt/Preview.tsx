// What exemptions would change, before anybody decides.
import { useQueries } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { exemptionPreviewQuery } from '#/api/queries/posture'
import { ScoreChange } from '#/components/Gain'
import { WhatIfResult } from '#/components/WhatIfResult'
import { ErrorState, Loading } from '#/ui/states'
import { count } from '#/util/format'
import css from './exempt.module.css'
import { type Named, previewOf } from './wish'

/** Previews that are asked for at once; each is worked out for itself. */
const MOST = 6

/** The effect of each of the exemptions that are wished for. */
export function Preview({
  wishes,
  names,
}: {
  wishes: readonly Schemas['NewExemption'][]
  names: readonly Named[]
}) {
  const previews = useQueries({
    queries: wishes.slice(0, MOST).map((it) => exemptionPreviewQuery(previewOf(it))),
  })
  const [only] = previews
  return (
    <section className={css.preview} aria-label="What it would change">
      <h3 className={css.title}>What it would change</h3>
      {only === undefined ? <p className={css.quiet}>Choose where and until when.</p> : null}
      {previews.length === 1 && only !== undefined ? <One {...only} /> : null}
      {previews.length > 1 ? (
        <>
          <p className={css.quiet}>Each for itself:</p>
          <ul className={css.each}>
            {previews.map((it, n) => (
              <li key={n}>
                <span className={css.name}>{nameOf(wishes[n], names)}</span>
                {it.data === undefined ? (
                  <span className={css.quiet}>…</span>
                ) : (
                  <ScoreChange before={it.data.before ?? null} after={it.data.after ?? null} />
                )}
              </li>
            ))}
            {wishes.length > MOST ? (
              <li className={css.quiet}>and {count(wishes.length - MOST)} more</li>
            ) : null}
          </ul>
        </>
      ) : null}
    </section>
  )
}

function One(props: { data: Schemas['WhatIf'] | undefined; error: unknown; isPending: boolean }) {
  if (props.data !== undefined) return <WhatIfResult of={props.data} most={3} />
  if (props.isPending) return <Loading rows={2} label="Working out what it would change" />
  return <ErrorState error={props.error} />
}

function nameOf(wish: Schemas['NewExemption'] | undefined, names: readonly Named[]): string {
  const place = wish?.place
  if (typeof place !== 'object' || !('resource' in place)) return ''
  return names.find((it) => it.id === place.resource)?.name ?? place.resource
}
