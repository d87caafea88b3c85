import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { standingsQuery } from '#/api/queries/overview'
import { Anchor } from '#/ui/Anchor'
import { Shown } from '#/ui/states'
import { own, space, tokens } from '#/ui/tokens'
import { count } from '#/util/format'
import { paths } from '#/util/paths'
import { Tile } from './Tile'

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: space.m, paddingInline: 0, listStyleType: 'none' },
  line: {
    display: 'flex',
    justifyContent: 'space-between',
    gap: space.m,
    fontSize: '13px',
    lineHeight: '18px',
  },
  title: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
  figure: { flexShrink: 0, color: tokens.colorNeutralForeground3 },
  bar: {
    display: 'flex',
    gap: '1px',
    height: '6px',
    marginTop: space.xs,
    borderRadius: '3px',
    overflow: 'hidden',
    backgroundColor: tokens.colorNeutralBackground5,
  },
  passed: { backgroundColor: own.verdictHealthy },
  failed: { backgroundColor: own.verdictUnhealthy },
  unknown: { backgroundColor: own.verdictUnknown },
})

/** How far each standard is met, of the requirements that can be judged by what is read. */
export function ComplianceTile({ className }: { className?: string }) {
  const styles = useStyles()
  const standings = useQuery(standingsQuery)
  return (
    <Tile
      title="Compliance"
      {...(className === undefined ? {} : { className })}
      foot={<Anchor href={paths.compliance()}>All standards</Anchor>}
    >
      <Shown of={standings} rows={6}>
        {(standards) => (
          <ul className={styles.list}>
            {standards.map((it) => (
              <Standing key={it.id} of={it} />
            ))}
          </ul>
        )}
      </Shown>
    </Tile>
  )
}

function Standing({ of }: { of: Schemas['StandardLine'] }) {
  const styles = useStyles()
  const judged = of.passed + of.failed + of.unknown
  return (
    <li>
      <div className={styles.line}>
        <Anchor href={paths.standard(of.id)} plain className={styles.title} title={of.title}>
          {of.title}
        </Anchor>
        <span className={styles.figure}>
          {count(of.passed)} of {count(judged)} met
        </span>
      </div>
      <div className={styles.bar} aria-hidden="true">
        <div className={styles.passed} style={{ flexGrow: of.passed }} />
        <div className={styles.failed} style={{ flexGrow: of.failed }} />
        <div className={styles.unknown} style={{ flexGrow: of.unknown }} />
      </div>
    </li>
  )
}
