import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { storyCountQuery } from '#/api/queries/attack'
import { changesQuery, diffQuery } from '#/api/queries/changes'
import type { Schemas } from '#/api/client'
import { Anchor } from '#/ui/Anchor'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { space, tokens } from '#/ui/tokens'
import { count } from '#/util/format'
import { paths } from '#/util/paths'
import { visit } from './last-visit'
import { Tile } from './Tile'

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    columnGap: space.m,
    rowGap: '6px',
    fontSize: '13px',
  },
  figure: { fontWeight: 600, textAlign: 'right' },
  commits: { display: 'flex', flexDirection: 'column', gap: '6px', paddingInline: 0, listStyleType: 'none' },
  commit: { display: 'flex', gap: space.m, justifyContent: 'space-between', fontSize: '13px' },
  what: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
  when: { color: tokens.colorNeutralForeground3, flexShrink: 0 },
})

/** What changed since this person was here last; at the first visit, the latest changes. */
export function SinceTile({ className }: { className?: string }) {
  const changes = useQuery(changesQuery(5))
  const latest = changes.data?.asOf
  const [since, setSince] = useState<{ since: number; at: number } | null>(null)
  useEffect(() => {
    if (latest !== undefined) setSince(visit(latest, Date.now()))
  }, [latest])
  const isSame = since !== null && since.since === latest
  return (
    <Tile
      title={since === null ? 'Latest changes' : 'Since your last visit'}
      {...(className === undefined ? {} : { className })}
      sentence={
        since === null ? undefined : (
          <>
            You were here <Time at={new Date(since.at).toISOString()} />.
            {isSame ? ' Nothing has changed.' : ''}
          </>
        )
      }
      foot={<Anchor href={paths.changes()}>All changes</Anchor>}
    >
      {since === null || isSame ? (
        <Shown of={changes} rows={3}>
          {({ items }) => <Commits items={items} />}
        </Shown>
      ) : (
        <Changed from={since.since} at={since.at} />
      )}
    </Tile>
  )
}

function Commits({ items }: { items: readonly Schemas['Change'][] }) {
  const styles = useStyles()
  if (items.length === 0) return <p>Nothing was imported yet.</p>
  return (
    <ul className={styles.commits}>
      {items.map((it) => (
        <li key={it.sequence} className={styles.commit}>
          <span className={styles.what} title={it.summary}>
            {shortened(it.summary)}
          </span>
          <span className={styles.when}>
            <Time at={it.at} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** The end of a path says more than its beginning. */
const shortened = (summary: string): string => summary.replace(/(\/[^\s/]+)+\/([^\s/]+)/g, '$2')

function Changed({ from, at }: { from: number; at: number }) {
  const styles = useStyles()
  const difference = useQuery(diffQuery(from))
  const then = new Date(at).toISOString()
  // Who may not see attack paths is told nothing of them.
  const found = useQuery(storyCountQuery({ foundSince: then, status: ['new', 'open'] })).data?.total ?? 0
  const resolved = useQuery(storyCountQuery({ resolvedSince: then })).data?.total ?? 0
  const stories = (filter: Record<string, string | string[]>) => paths.attackPaths({ tab: 'time', ...filter })
  return (
    <Shown of={difference} rows={3}>
      {(it) => (
        <dl className={styles.list}>
          <Figure
            of={found}
            href={stories({ foundSince: then, status: ['new', 'open'] })}
            words={found === 1 ? 'new attack path' : 'new attack paths'}
          />
          <Figure
            of={resolved}
            href={stories({ resolvedSince: then })}
            words={resolved === 1 ? 'attack path was resolved' : 'attack paths were resolved'}
          />
          <Figure of={it.broke.length} href={paths.changes({ from })} words="assessments broke" />
          <Figure of={it.mended.length} href={paths.changes({ from })} words="were mended" />
          <Figure of={it.lostSight.length} href={paths.changes({ from })} words="can no longer be judged" />
          <Figure of={it.appeared.length} href={paths.changes({ from })} words="resources appeared" />
          <Figure of={it.changed.length} href={paths.changes({ from })} words="changed" />
          <Figure of={it.vanished.length} href={paths.changes({ from })} words="vanished" />
        </dl>
      )}
    </Shown>
  )
}

function Figure({ of, href, words }: { of: number; href: string; words: string }) {
  const styles = useStyles()
  if (of === 0) return null
  return (
    <>
      <dt className={styles.figure}>
        <Anchor href={href} aria-label={`${count(of)} ${words}`}>
          {count(of)}
        </Anchor>
      </dt>
      <dd>{words}</dd>
    </>
  )
}
