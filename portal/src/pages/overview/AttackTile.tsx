import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { ApiProblem } from '#/api/errors'
import { attackPathsQuery } from '#/api/queries/attack'
import { markOf } from '#/pages/attack-paths/rows'
import { Sentence } from '#/pages/attack-paths/Sentence'
import { nameOf, riskOf } from '#/pages/attack-paths/words'
import { Link } from '#/ui/Link'
import { Severity } from '#/ui/Severity'
import { Shown } from '#/ui/states'
import { space } from '#/ui/tokens'
import { Tile } from './Tile'

/** Paths that are named; their page has all. */
const NAMED = 4

const useStyles = makeStyles({
  list: { display: 'flex', flexDirection: 'column', gap: '6px', paddingInline: 0, listStyleType: 'none' },
  path: { display: 'flex', gap: space.s, alignItems: 'baseline', fontSize: '13px', minWidth: 0 },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
})

/**
 * How an attacker gets to what matters, the worst ways first. They lead through all scopes; who sees but some of them
 * is not told, and has no tile.
 */
export function AttackTile({ scope, className }: { scope: string | undefined; className?: string }) {
  const styles = useStyles()
  const asked = useQuery({ ...attackPathsQuery({}), retry: false })
  if (asked.error instanceof ApiProblem && asked.error.status === 403) return null
  return (
    <Tile
      title={scope === undefined ? 'Attack paths' : 'Attack paths in all scopes'}
      {...(className === undefined ? {} : { className })}
      sentence={
        asked.data === undefined ? undefined : <Sentence of={asked.data} after={undefined} fixes={0} />
      }
      foot={<Link to="/attack-paths">All of them, and what cuts them</Link>}
    >
      <Shown of={asked} rows={4}>
        {({ paths }) => (
          <ul className={styles.list}>
            {paths.slice(0, NAMED).map((it) => (
              <li key={markOf(it)} className={styles.path}>
                <Severity value={riskOf(it.risk)} quiet />
                <Link to="/attack-paths" search={{ path: markOf(it) }} plain className={styles.name}>
                  {nameOf(it.entry)} → {nameOf(it.target)}
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Tile>
  )
}
