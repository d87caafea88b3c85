// What a page or a part of it shows when it has nothing to show: loading, failed, forbidden, empty.
import { Button, makeStyles, Skeleton, SkeletonItem } from '@fluentui/react-components'
import type { ReactElement, ReactNode } from 'react'
import { ApiProblem, explain } from '#/api/errors'
import { ShieldLockRegular, WarningRegular } from './icons'
import { size, space, tokens } from './tokens'

const useStyles = makeStyles({
  rows: { display: 'flex', flexDirection: 'column', gap: space.m, paddingBlock: space.m },
  card: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: space.s,
    maxWidth: '560px',
    paddingBlock: space.xl,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
  },
  title: { fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: 600 },
  icon: { fontSize: '24px', lineHeight: 0, color: tokens.colorNeutralForeground3 },
  quiet: { color: tokens.colorNeutralForeground3 },
  id: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
    userSelect: 'all',
  },
})

/** Grey bars in the place of what comes: as many as are expected, so that nothing jumps. */
export function Loading({ rows = 8, label = 'Loading' }: { rows?: number; label?: string }) {
  const styles = useStyles()
  return (
    <Skeleton className={styles.rows} aria-label={label} aria-busy="true">
      {Array.from({ length: rows }, (_, row) => (
        <SkeletonItem key={row} size={16} style={{ width: `${92 - ((row * 17) % 41)}%`, height: size.row }} />
      ))}
    </Skeleton>
  )
}

/** Why something could not be shown, what may help, and the id under which the log of the server has it. */
export function ErrorState({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const styles = useStyles()
  if (error instanceof ApiProblem && error.status === 403) return <Forbidden detail={explain(error).detail} />
  const { title, detail, requestId } = explain(error)
  return (
    <div className={styles.card} role="alert">
      <span className={styles.icon}>
        <WarningRegular />
      </span>
      <h2 className={styles.title}>{title}</h2>
      <p>{detail}</p>
      {requestId === null ? null : (
        <p className={styles.quiet}>
          Request <span className={styles.id}>{requestId}</span>: the log of the server says more about it.
        </p>
      )}
      {retry === undefined ? null : <Button onClick={retry}>Try again</Button>}
    </div>
  )
}

/** What the caller may not see, and whom to ask. */
export function Forbidden({ detail }: { detail?: string | undefined }) {
  const styles = useStyles()
  return (
    <div className={styles.card} role="alert">
      <span className={styles.icon}>
        <ShieldLockRegular />
      </span>
      <h2 className={styles.title}>Your roles do not include this</h2>
      {detail === undefined || detail === '' ? null : <p>{detail}</p>}
      <p className={styles.quiet}>An owner of the tenant can give you a role that does, under Access.</p>
    </div>
  )
}

/** What would be here, why it is not, and at most one thing to do about it. */
export function EmptyState(props: { title: string; children?: ReactNode; action?: ReactElement }) {
  const styles = useStyles()
  return (
    <div className={styles.card}>
      <h2 className={styles.title}>{props.title}</h2>
      {props.children === undefined ? null : <p className={styles.quiet}>{props.children}</p>}
      {props.action}
    </div>
  )
}

/** The part of a query's result that this file looks at. */
interface Asked<T> {
  data: T | undefined
  error: unknown
  isPending: boolean
  refetch: () => unknown
}

/** Whether the server says that what was there is there no more, or no more for the caller. */
const isGone = (error: unknown): boolean =>
  error instanceof ApiProblem && (error.status === 404 || error.status === 403)

/**
 * Shows what a query brought, or why it brought nothing. Data that is there stays while newer is fetched, and when
 * that fails; not when it is gone.
 */
export function Shown<T>(props: {
  of: Asked<T>
  rows?: number
  loading?: ReactElement
  children: (data: T) => ReactNode
}) {
  const { data, error, isPending, refetch } = props.of
  if (data !== undefined && !isGone(error)) return props.children(data)
  if (isPending) return props.loading ?? <Loading rows={props.rows ?? 8} />
  return <ErrorState error={error} retry={() => void refetch()} />
}
