// How critical an asset is: always a crown and a word together, filled for the two highest levels.
import { CrownFilled, CrownRegular } from './icons'
import css from './criticality.module.css'
import { VisuallyHidden } from './Severity'

export const criticalities = ['veryHigh', 'high', 'medium', 'low'] as const
export type CriticalityName = (typeof criticalities)[number]

const words: Record<CriticalityName, string> = {
  veryHigh: 'Very high',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
}

export const criticalityWord = (level: CriticalityName): string => words[level]

/** The level that a text names. */
export const criticalityOf = (text: string | null | undefined): CriticalityName | undefined =>
  criticalities.find((it) => it === text)

/**
 * A level. `quiet` leaves its word to screen readers and to who points at it, for places with little room; `by` are the
 * titles of the classifications that say so.
 */
export function Criticality(props: {
  value: CriticalityName
  quiet?: boolean
  by?: readonly string[] | undefined
}) {
  const { value, quiet = false, by = [] } = props
  const isStrong = value === 'veryHigh' || value === 'high'
  const said = `${words[value]} criticality${by.length === 0 ? '' : `: ${by.join(', ')}`}`
  return (
    <span className={css.mark} title={said}>
      <span className={css.crown} aria-hidden="true">
        {isStrong ? <CrownFilled /> : <CrownRegular />}
      </span>
      {quiet ? <VisuallyHidden>{`${words[value]} criticality`}</VisuallyHidden> : words[value]}
    </span>
  )
}
