// How bad something is, and what a check said of it: always shape, word and colour together.
import { makeStyles, mergeClasses } from '@fluentui/react-components'
import type { ReactElement } from 'react'
import { own, tokens } from './tokens'

export const severities = ['critical', 'high', 'medium', 'low'] as const
export type SeverityName = (typeof severities)[number] | 'info'

export const verdicts = ['unhealthy', 'unknown', 'healthy', 'notApplicable', 'notAssessed'] as const
export type VerdictName = (typeof verdicts)[number]

const severityWords: Record<SeverityName, string> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Info',
}

const verdictWords: Record<VerdictName, string> = {
  unhealthy: 'Unhealthy',
  unknown: 'Unknown',
  healthy: 'Healthy',
  notApplicable: 'Not applicable',
  notAssessed: 'Not assessed',
}

export const severityWord = (severity: SeverityName): string => severityWords[severity]
export const verdictWord = (verdict: VerdictName): string => verdictWords[verdict]

const useStyles = makeStyles({
  mark: { display: 'inline-flex', alignItems: 'center', gap: '6px', whiteSpace: 'nowrap' },
  shape: { flexShrink: 0, display: 'block' },
  word: { color: tokens.colorNeutralForeground1 },
  critical: { color: own.severityCritical },
  high: { color: own.severityHigh },
  medium: { color: own.severityMedium },
  low: { color: own.severityLow },
  info: { color: own.severityInfo },
  unhealthy: { color: own.verdictUnhealthy },
  unknown: { color: own.verdictUnknown },
  healthy: { color: own.verdictHealthy },
  notApplicable: { color: own.verdictNone },
  notAssessed: { color: own.verdictNone },
})

const severityShapes: Record<SeverityName, ReactElement> = {
  critical: <path d="M6 0l6 6-6 6-6-6z" />,
  high: <path d="M6 .8L11.8 11H.2z" />,
  medium: <rect x="1.2" y="1.2" width="9.6" height="9.6" rx="1" />,
  low: <circle cx="6" cy="6" r="4.6" />,
  info: <circle cx="6" cy="6" r="4.1" fill="none" stroke="currentColor" strokeWidth="1.8" />,
}

const verdictShapes: Record<VerdictName, ReactElement> = {
  unhealthy: <path d="M2 2l8 8M10 2l-8 8" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  unknown: (
    <path
      d="M3.4 4.2a2.6 2.6 0 1 1 3.9 2.2C6.4 7 6 7.3 6 8.2M6 10.2v1.6"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
    />
  ),
  healthy: <path d="M1.5 6.4l3 3 6-6.6" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  notApplicable: <path d="M2 6h8" stroke="currentColor" strokeWidth="2.2" />,
  notAssessed: (
    <circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2 2" />
  ),
}

function Shape({ className, children }: { className: string; children: ReactElement }) {
  return (
    <svg
      className={className}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      fill="currentColor"
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

/** A severity. `quiet` leaves the word to screen readers, for columns whose head says what they are. */
export function Severity({ value, quiet = false }: { value: SeverityName; quiet?: boolean }) {
  const styles = useStyles()
  return (
    <span className={styles.mark} title={quiet ? severityWords[value] : undefined}>
      <Shape className={mergeClasses(styles.shape, styles[value])}>{severityShapes[value]}</Shape>
      <Word hidden={quiet}>{severityWords[value]}</Word>
    </span>
  )
}

/** What a check said, or the state of a resource or recommendation. */
export function Verdict({ value, quiet = false }: { value: VerdictName; quiet?: boolean }) {
  const styles = useStyles()
  return (
    <span className={styles.mark} title={quiet ? verdictWords[value] : undefined}>
      <Shape className={mergeClasses(styles.shape, styles[value])}>{verdictShapes[value]}</Shape>
      <Word hidden={quiet}>{verdictWords[value]}</Word>
    </span>
  )
}

function Word({ hidden, children }: { hidden: boolean; children: string }) {
  const styles = useStyles()
  return hidden ? (
    <VisuallyHidden>{children}</VisuallyHidden>
  ) : (
    <span className={styles.word}>{children}</span>
  )
}

const useHidden = makeStyles({
  hidden: {
    position: 'absolute',
    width: '1px',
    height: '1px',
    overflow: 'hidden',
    clipPath: 'inset(50%)',
    whiteSpace: 'nowrap',
  },
})

/** Words for screen readers alone. */
export function VisuallyHidden({ children }: { children: string }) {
  return <span className={useHidden().hidden}>{children}</span>
}
