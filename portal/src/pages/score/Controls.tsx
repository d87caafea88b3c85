// Controls with their points; each opens to its checks, and each check to its resources.
import { Checkbox } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { controlsQuery, recommendationsQuery } from '#/api/queries/posture'
import { Gain } from '#/components/Gain'
import { Bar } from '#/ui/Bar'
import { ChevronRightRegular } from '#/ui/icons'
import { Link } from '#/ui/Link'
import { Severity, Verdict } from '#/ui/Severity'
import { Shown } from '#/ui/states'
import { count, counted, point } from '#/util/format'
import css from './score.module.css'
import type { ScoreSearch } from './search'

interface ControlsProps {
  controls: readonly Schemas['Control'][]
  search: ScoreSearch
  scope: string | undefined
  open: (control: string | undefined) => void
  toggle: (id: string) => void
}

export function Controls(props: ControlsProps) {
  const { controls, search } = props
  const all = useQuery(controlsQuery).data ?? []
  const judged = new Set(controls.map((it) => it.control))
  const texts = new Map(all.map((it) => [it.id, it.description]))
  const absent = all.filter((it) => !judged.has(it.id) && it.points > 0)
  const advice = all.filter((it) => it.points === 0)
  return (
    <div className={css.controls}>
      <div className={`${css.control} ${css.heads}`} aria-hidden="true">
        <span />
        <span>Control</span>
        <span className={css.wide}>Earned</span>
        <span className={css.end}>Points</span>
        <span className={`${css.end} ${css.wide}`}>To gain</span>
        <span className={`${css.end} ${css.wide}`}>Failing</span>
      </div>
      {controls.map((it) => (
        <details key={it.control} className={css.row} open={search.control === it.control}>
          <summary
            className={css.control}
            onClick={(event) => {
              event.preventDefault()
              props.open(search.control === it.control ? undefined : it.control)
            }}
          >
            <span className={css.arrow}>
              <ChevronRightRegular aria-hidden="true" />
            </span>
            <span className={css.name}>{it.title}</span>
            <span className={css.wide}>
              <Bar
                part={it.healthy}
                whole={it.healthy + it.unhealthy}
                label={`Resources that pass ${it.title}`}
              />
            </span>
            <span className={css.end}>
              {point(it.current ?? 0)} / {point(it.max)}
            </span>
            <span className={`${css.end} ${css.wide}`}>{point(it.max - (it.current ?? 0))}</span>
            <span className={`${css.end} ${css.wide}`}>
              {count(it.unhealthy)} of {count(it.healthy + it.unhealthy)}
            </span>
          </summary>
          {search.control === it.control ? (
            <div className={css.inner}>
              <p className={css.text}>
                {texts.get(it.control)} A resource earns its share only when it passes all checks of the
                control: {point(it.max)} ÷ {count(it.healthy + it.unhealthy)} × {count(it.healthy)} ={' '}
                {point(it.current ?? 0)}.
              </p>
              <Checks {...props} control={it.control} />
            </div>
          ) : null}
        </details>
      ))}
      {absent.length === 0 ? null : (
        <p className={css.text}>
          Not in the score, because nothing of theirs could be judged:{' '}
          {absent.map((it) => `${it.title} (${point(it.points)})`).join(', ')}.
        </p>
      )}
      {advice.length === 0 ? null : (
        <p className={css.text}>
          Advice without points:{' '}
          {advice.map((it, n) => (
            <span key={it.id}>
              {n > 0 ? ', ' : ''}
              <Link to="/recommendations" search={{ control: [it.id] }}>
                {it.title}
              </Link>
            </span>
          ))}
          .
        </p>
      )}
    </div>
  )
}

/** The checks of a control that judged something, those with something open first. */
function Checks({ control, search, scope, toggle }: ControlsProps & { control: string }) {
  const asked = useQuery(
    recommendationsQuery(
      {
        control: [control],
        state: ['unhealthy', 'unknown', 'healthy'],
        ...(scope === undefined ? {} : { scope: [scope] }),
      },
      200,
    ),
  )
  return (
    <Shown of={asked} rows={4}>
      {({ items, total }) => (
        <>
          <ul className={css.checks}>
            {items.map((it) => (
              <li key={it.id} className={css.check}>
                <Checkbox
                  checked={search.fix?.includes(it.id) ?? false}
                  disabled={it.counted.unhealthy === 0}
                  aria-label={`What if this were mended: ${it.title}`}
                  onChange={() => toggle(it.id)}
                />
                <Severity value={it.severity} quiet />
                <Link to="/recommendations/$check" params={{ check: it.id }} plain className={css.name}>
                  {it.title}
                </Link>
                <span className={css.counts}>
                  <Verdict value={it.state} quiet />{' '}
                  <Link to="/inventory" search={{ check: [it.id], state: ['unhealthy'] }} plain>
                    {count(it.counted.unhealthy)} of {count(it.counted.unhealthy + it.counted.healthy)}
                  </Link>
                  {it.counted.unknown > 0 ? `, ${count(it.counted.unknown)} unknown` : ''}
                </span>
                <span className={css.end}>{it.scored ? <Gain points={it.gain} /> : 'not scored'}</span>
              </li>
            ))}
          </ul>
          {total > items.length ? (
            <Link to="/recommendations" search={{ control: [control], all: true }}>
              All {counted(total, 'check')}
            </Link>
          ) : null}
        </>
      )}
    </Shown>
  )
}
