// What somebody decided of an asset: which way, by whom and when; why, to who points at it.
import type { AssetDecision } from '#/api/queries/critical'
import { criticalityOf, criticalityWord } from '#/ui/Criticality'
import { Time } from '#/ui/Time'
import css from './critical.module.css'
import { decisionWords } from './words'

export function Decided({ of }: { of: readonly AssetDecision[] }) {
  const [first] = of
  if (first === undefined) return <span className={css.quiet}>–</span>
  const level = criticalityOf(first.level)
  return (
    <span title={of.map((it) => `${decisionWords[it.decision]} (${it.by}): ${it.reason}`).join('\n')}>
      {decisionWords[first.decision]}
      {level === undefined ? '' : `, ${criticalityWord(level).toLowerCase()}`}{' '}
      <span className={css.by}>
        by {first.by}, <Time at={first.at} />
      </span>
    </span>
  )
}
