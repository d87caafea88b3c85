// What could not be judged, and may hide paths.
import type { Unread } from '#/api/queries/attack'
import { NotRead } from '#/components/Reasons'
import { counted } from '#/util/format'
import css from './attack-paths.module.css'

export function Gaps({ of }: { of: readonly Unread[] }) {
  if (of.length === 0) return null
  return (
    <details className={css.gaps}>
      <summary>{`What could not be judged (${counted(of.length, 'thing')})`}</summary>
      <p className={css.text}>Paths may lead through these. Import what is missing, and they are judged.</p>
      <NotRead of={of} />
    </details>
  )
}
