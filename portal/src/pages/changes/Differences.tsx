import { makeStyles } from '@fluentui/react-components'
import type { ReactElement } from 'react'
import type { Schemas } from '#/api/client'
import { Anchor } from '#/ui/Anchor'
import { space, tokens } from '#/ui/tokens'
import { count } from '#/util/format'
import { paths } from '#/util/paths'

/** Lines of one group that are shown: the file of the interface has all. */
const MOST = 100

const useStyles = makeStyles({
  groups: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(360px, 100%), 1fr))',
    gap: space.m,
  },
  group: {
    padding: space.m,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    minWidth: 0,
  },
  title: { fontSize: '13px', lineHeight: '20px', fontWeight: 600, paddingBottom: space.s },
  list: { maxHeight: '260px', overflow: 'auto', paddingInline: 0, listStyleType: 'none', fontSize: '13px' },
  line: { lineHeight: '20px', paddingBlock: '3px', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground3 },
})

/** What is different, by what became of it; each line opens its resource or what was judged there. */
export function Differences({ of }: { of: Schemas['Difference'] }) {
  const styles = useStyles()
  return (
    <div className={styles.groups}>
      <Group title="Broke" lines={of.broke.map(judged)} />
      <Group title="Mended" lines={of.mended.map(judged)} />
      <Group title="Can no longer be judged" lines={of.lostSight.map(judged)} />
      <Group title="Appeared" lines={of.appeared.map(resource)} />
      <Group title="Changed" lines={of.changed.map(resource)} />
      <Group title="Vanished" lines={of.vanished.map((id) => ({ key: id, line: <>{shortOf(id)}</> }))} />
    </div>
  )
}

interface Line {
  key: string
  line: ReactElement
}

const shortOf = (id: string): string => id.split('/').slice(-2).join('/')

function judged({ check, resource: id }: Schemas['AssessmentName']): Line {
  return {
    key: `${check} ${id}`,
    line: (
      <>
        <Anchor href={paths.recommendation(check)}>{check}</Anchor> on{' '}
        <Anchor href={paths.resource(id)} plain title={id}>
          {shortOf(id)}
        </Anchor>
      </>
    ),
  }
}

function resource(id: string): Line {
  return {
    key: id,
    line: (
      <Anchor href={paths.resource(id)} plain title={id}>
        {shortOf(id)}
      </Anchor>
    ),
  }
}

function Group({ title, lines }: { title: string; lines: readonly Line[] }) {
  const styles = useStyles()
  if (lines.length === 0) return null
  return (
    <section className={styles.group} aria-label={title}>
      <h2 className={styles.title}>
        {title} <span className={styles.quiet}>{count(lines.length)}</span>
      </h2>
      <ul className={styles.list} tabIndex={0} aria-label={title}>
        {lines.slice(0, MOST).map((it) => (
          <li key={it.key} className={styles.line}>
            {it.line}
          </li>
        ))}
        {lines.length > MOST ? (
          <li className={styles.quiet}>and {count(lines.length - MOST)} more: ask /api/v1/diff for all</li>
        ) : null}
      </ul>
    </section>
  )
}
