import { makeStyles, mergeClasses } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { Schemas } from '#/api/client'
import { changesQuery, diffQuery } from '#/api/queries/changes'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState, Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { size, space, tokens } from '#/ui/tokens'
import { counted, date } from '#/util/format'
import { Differences } from './Differences'

/** Commits that the page lists. */
const MOST = 200

const useStyles = makeStyles({
  table: { width: '100%', borderCollapse: 'collapse', fontSize: '13px' },
  head: {
    textAlign: 'left',
    fontWeight: 400,
    color: tokens.colorNeutralForeground3,
    padding: `${space.xs} ${space.m} ${space.xs} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  cell: {
    height: size.row,
    paddingInlineEnd: space.m,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    overflowWrap: 'anywhere',
  },
  chosen: { backgroundColor: tokens.colorNeutralBackground1Selected },
  // A word that is broken says less than a wide column takes.
  when: { overflowWrap: 'normal' },
  wide: { [size.phone]: { display: 'none' } },
  scroll: { overflowX: 'auto' },
})

/** What happened, commit by commit; and what is different between two of them. */
export function ChangesPage() {
  const { from, to } = useSearch({ from: '/changes' })
  const changes = useQuery(changesQuery(MOST))
  const difference = useQuery({ ...diffQuery(from ?? 0, to), enabled: from !== undefined })
  return (
    <Page title="Changes" sentence={sentenceOf(changes.data?.items, difference.data)}>
      {from === undefined ? null : (
        <Shown of={difference} rows={4}>
          {(it) => <Differences of={it} />}
        </Shown>
      )}
      <Shown of={changes}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="Nothing has happened yet">
              Each import, exemption and change of content is one line here.
            </EmptyState>
          ) : (
            <Commits items={items} from={from} to={to} />
          )
        }
      </Shown>
    </Page>
  )
}

function sentenceOf(
  items: readonly Schemas['Change'][] | undefined,
  difference: Schemas['Difference'] | undefined,
): string {
  if (difference !== undefined) {
    return (
      `From commit ${difference.from} to ${difference.to}, ${counted(difference.broke.length, 'assessment')} broke, ` +
      `${difference.mended.length} were mended, ${counted(difference.appeared.length, 'resource')} appeared and ` +
      `${difference.vanished.length} vanished.`
    )
  }
  const last = items?.[0]
  return last === undefined ? ' ' : `${counted(items?.length ?? 0, 'change')}, the last on ${date(last.at)}.`
}

function Commits(props: {
  items: readonly Schemas['Change'][]
  from: number | undefined
  to: number | undefined
}) {
  const { items, from, to } = props
  const styles = useStyles()
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" className={styles.head}>
              Commit
            </th>
            <th scope="col" className={styles.head}>
              When
            </th>
            <th scope="col" className={`${styles.head} ${styles.wide}`}>
              Who
            </th>
            <th scope="col" className={styles.head}>
              What
            </th>
            <th scope="col" className={styles.head}>
              Since before it
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((it) => {
            const isIn = from !== undefined && it.sequence > from && it.sequence <= (to ?? it.sequence)
            return (
              <tr key={it.sequence} className={isIn ? styles.chosen : undefined}>
                <td className={styles.cell}>
                  <Link
                    to="/changes"
                    search={{ from: it.sequence - 1, to: it.sequence }}
                    aria-label={`What commit ${it.sequence} changed`}
                  >
                    {it.sequence}
                  </Link>
                </td>
                <td className={mergeClasses(styles.cell, styles.when)}>
                  <Time at={it.at} />
                </td>
                <td className={`${styles.cell} ${styles.wide}`}>{it.actor}</td>
                <td className={styles.cell}>{it.summary}</td>
                <td className={styles.cell}>
                  <Link
                    to="/changes"
                    search={{ from: it.sequence - 1 }}
                    aria-label={`All changes from commit ${it.sequence} until now`}
                  >
                    Until now
                  </Link>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
