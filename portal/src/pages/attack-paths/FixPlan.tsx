// The fewest changes that cut all paths, found and verified by the server.
import { Button } from '@fluentui/react-components'
import { useMemo } from 'react'
import type { AttackPaths } from '#/api/queries/attack'
import { counted } from '#/util/format'
import css from './attack-paths.module.css'
import { FixList } from './FixList'
import { byPaths, fixCounts } from './rows'
import { nameOf } from './words'

export function FixPlan(props: {
  answer: AttackPaths
  without: readonly number[]
  set: (without: number[]) => void
}) {
  const { answer, without, set } = props
  const { left, exact, atLeast } = answer.fixPlan
  const counts = useMemo(() => fixCounts(answer.paths), [answer.paths])
  const fixes = useMemo(() => byPaths(answer.fixPlan.fixes, counts), [answer.fixPlan.fixes, counts])
  const planned = fixes.map((it) => it.id)
  const isMade = planned.length > 0 && planned.every((it) => without.includes(it))
  const others = without.filter((it) => !planned.includes(it))
  return (
    <aside className={css.tile} aria-label="What if these were made?">
      <h2 className={css.title}>What if these were made?</h2>
      {fixes.length === 0 ? (
        <p className={css.text}>
          {answer.paths.length === 0
            ? 'There is no path to cut.'
            : 'No change of what was read cuts the paths.'}
        </p>
      ) : (
        <>
          <p className={css.text}>
            {exact
              ? `${counted(fixes.length, 'fix', 'fixes')} cut every path; fewer do not.`
              : `${counted(fixes.length, 'fix', 'fixes')} cut every path; at least ${atLeast} are needed.`}
            {left.length === 0
              ? ''
              : ` ${left.map(nameOf).join(', ')} would still be reached: no change of what was read cuts that off.`}
          </p>
          <FixList
            title="The plan"
            atFirst={3}
            places={1}
            fixes={fixes}
            without={without}
            counts={counts}
            toggle={(fix) =>
              set(without.includes(fix) ? without.filter((it) => it !== fix) : [...without, fix])
            }
          />
        </>
      )}
      <div className={css.buttons}>
        {isMade || planned.length < 2 ? null : (
          <Button size="small" onClick={() => set([...new Set([...without, ...planned])])}>
            Try them all
          </Button>
        )}
        {without.length === 0 ? null : (
          <Button size="small" appearance="subtle" onClick={() => set([])}>
            Undo all
          </Button>
        )}
      </div>
      {others.length === 0 ? null : (
        <p className={css.text}>
          {counted(others.length, 'fix', 'fixes')} beside the plan are tried out, too.
        </p>
      )}
    </aside>
  )
}
