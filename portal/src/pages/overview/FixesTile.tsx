import { makeStyles } from '@fluentui/react-components'
import type { Schemas } from '#/api/client'
import { Anchor } from '#/ui/Anchor'
import { Severity } from '#/ui/Severity'
import { size, space, tokens } from '#/ui/tokens'
import { count, point } from '#/util/format'
import { paths } from '#/util/paths'
import { Tile } from './Tile'

type Recommendation = Schemas['Recommendation']

const MOST = 7

const useStyles = makeStyles({
  table: { width: '100%', borderCollapse: 'collapse', fontSize: '13px', tableLayout: 'fixed' },
  head: {
    textAlign: 'left',
    fontWeight: 400,
    color: tokens.colorNeutralForeground3,
    paddingBlock: space.xs,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  row: { ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  cell: {
    height: size.row,
    paddingInlineEnd: space.m,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  severity: { width: '92px', [size.phone]: { width: '24px' } },
  title: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  number: { width: '84px', textAlign: 'right', paddingInlineEnd: 0 },
  wide: { [size.phone]: { display: 'none' } },
  narrow: { display: 'none', [size.phone]: { display: 'inline' } },
})

/** What gains most for the least work: points of the score for each resource that must be mended. */
export function bestFixes(all: readonly Recommendation[]): Recommendation[] {
  const worth = (it: Recommendation) => it.gain / Math.max(1, it.counted.unhealthy)
  return all
    .filter((it) => it.gain > 0)
    .sort((a, b) => worth(b) - worth(a) || b.gain - a.gain)
    .slice(0, MOST)
}

export function FixesTile({ all, className }: { all: readonly Recommendation[]; className?: string }) {
  const styles = useStyles()
  const fixes = bestFixes(all)
  const gain = fixes.reduce((sum, it) => sum + it.gain, 0)
  const resources = fixes.reduce((sum, it) => sum + it.counted.unhealthy, 0)
  return (
    <Tile
      title="What to do first"
      {...(className === undefined ? {} : { className })}
      sentence={
        fixes.length === 0
          ? 'Nothing that is open would raise the score.'
          : `These ${fixes.length} take ${count(resources)} fixes and are worth about ${point(gain)} points of a hundred.`
      }
      foot={<Anchor href={paths.recommendations({ state: 'unhealthy' })}>All that is open</Anchor>}
    >
      {fixes.length === 0 ? null : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col" className={`${styles.head} ${styles.severity}`}>
                <span className={styles.wide}>Severity</span>
              </th>
              <th scope="col" className={styles.head}>
                Recommendation
              </th>
              <th scope="col" className={`${styles.head} ${styles.number}`}>
                Resources
              </th>
              <th scope="col" className={`${styles.head} ${styles.number}`}>
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {fixes.map((it) => (
              <Fix key={it.id} of={it} />
            ))}
          </tbody>
        </table>
      )}
    </Tile>
  )
}

function Fix({ of }: { of: Recommendation }) {
  const styles = useStyles()
  return (
    <tr className={styles.row}>
      <td className={styles.cell}>
        <span className={styles.wide}>
          <Severity value={of.severity} />
        </span>
        <span className={styles.narrow}>
          <Severity value={of.severity} quiet />
        </span>
      </td>
      <td className={`${styles.cell} ${styles.title}`} title={of.title}>
        <Anchor href={paths.recommendation(of.id)} plain>
          {of.title}
        </Anchor>
      </td>
      <td className={`${styles.cell} ${styles.number}`}>
        <Anchor
          href={paths.inventory({ check: of.id, state: 'unhealthy' })}
          aria-label={`${of.counted.unhealthy} resources`}
        >
          {count(of.counted.unhealthy)}
        </Anchor>
      </td>
      <td className={`${styles.cell} ${styles.number}`}>+{of.gain.toFixed(1)}</td>
    </tr>
  )
}
