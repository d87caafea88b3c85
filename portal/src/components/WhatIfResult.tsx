// What would be otherwise: the score, scopes, requirements and assessments, as the server worked it out.
import type { Schemas } from '#/api/client'
import { Link } from '#/ui/Link'
import { Quiet } from '#/ui/parts'
import { Verdict, type VerdictName, verdicts } from '#/ui/Severity'
import { count, counted, point } from '#/util/format'
import { ScoreChange } from './Gain'
import { standings, standingWord } from './Standing'
import css from './what-if.module.css'

/** The word of a requirement's state; what is not known is said as it is. */
function stateWord(state: string): string {
  const known = standings.find((it) => it === state)
  return known === undefined ? state : standingWord(known).toLowerCase()
}

/** A verdict that came as text. */
function Counted({ value }: { value: string | null | undefined }) {
  const known = verdicts.find((it) => it === value)
  return known === undefined ? (
    <Quiet>leaves the score</Quiet>
  ) : (
    <Verdict value={known satisfies VerdictName} />
  )
}

/** The whole answer; `most` bounds how much of each list is shown. */
export function WhatIfResult({ of, most = 5 }: { of: Schemas['WhatIf']; most?: number }) {
  if (of.changed === 0) {
    return <p className={css.quiet}>Nothing would change: no assessment would count otherwise.</p>
  }
  return (
    <div className={css.result} role="status">
      <p className={css.score}>
        Secure score <ScoreChange before={of.before ?? null} after={of.after ?? null} />
      </p>
      <p>
        {counted(of.changed, 'assessment')} would count otherwise
        {of.standings.length > 0
          ? `, and ${counted(of.standings.length, 'requirement')} of standards would change state`
          : ''}
        .
      </p>
      {of.standings.length === 0 ? null : (
        <ul className={css.list}>
          {of.standings.slice(0, most).map((it) => (
            <li key={`${it.standard} ${it.requirement}`}>
              <Link
                to="/compliance/$standard"
                params={{ standard: it.standard }}
                search={{ open: it.requirement }}
              >
                {it.standard} {it.requirement}
              </Link>
              <span>
                {stateWord(it.before)} → {stateWord(it.after)}
              </span>
            </li>
          ))}
          <Rest all={of.standings.length} most={most} />
        </ul>
      )}
      <details className={css.more}>
        <summary>
          {of.scopes.length === 0 ? '' : `${counted(of.scopes.length, 'scope')} and `}
          {counted(of.changed, 'assessment')}
        </summary>
        <ul className={css.list}>
          {of.scopes.slice(0, most * 2).map((it) => (
            <li key={it.scope}>
              <span className={css.id}>{it.scope}</span>
              <span className={css.figures}>
                {percentOf(it.before)} → {percentOf(it.after)}
              </span>
            </li>
          ))}
          <Rest all={of.scopes.length} most={most * 2} />
        </ul>
        <ul className={css.list}>
          {of.assessments.slice(0, most * 4).map((it) => (
            <li key={`${it.check} ${it.resource}`}>
              <span className={css.id} title={it.resource}>
                {it.name}
              </span>
              <Counted value={it.before} />
              <span aria-label="becomes">→</span>
              <Counted value={it.after} />
            </li>
          ))}
          <Rest all={of.changed} most={most * 4} />
        </ul>
      </details>
    </div>
  )
}

const percentOf = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'no score' : `${point(value)} %`

function Rest({ all, most }: { all: number; most: number }) {
  return all > most ? <li className={css.quiet}>and {count(all - most)} more</li> : null
}
