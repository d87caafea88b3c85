import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { coverageQuery } from '#/api/queries/overview'
import { coverageWords } from '#/components/coverage'
import { Anchor } from '#/ui/Anchor'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { space, tokens } from '#/ui/tokens'
import { count } from '#/util/format'
import { paths } from '#/util/paths'
import { facet } from './OpenTile'
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
  quiet: { color: tokens.colorNeutralForeground3 },
})

/** What is *not* seen: as important as what is. */
export function CoverageTile(props: {
  resources: Schemas['Faceted_Resource']
  scope: string | undefined
  className?: string
}) {
  const { resources, scope } = props
  const styles = useStyles()
  const coverage = useQuery(coverageQuery(scope))
  return (
    <Tile
      title="What we do not see"
      {...(props.className === undefined ? {} : { className: props.className })}
      sentence={
        <Shown of={coverage} loading={<>&nbsp;</>}>
          {({ totals }) => coverageWords(totals)}
        </Shown>
      }
      foot={
        <>
          <Anchor href={paths.environments()}>Where the exports have gaps</Anchor>
          {coverage.data?.totals.oldest == null ? null : (
            <span className={styles.quiet}>
              the oldest is from <Time at={coverage.data.totals.oldest} />
            </span>
          )}
        </>
      }
    >
      <Rows resources={resources} totals={coverage.data?.totals} />
    </Tile>
  )
}

function Rows(props: {
  resources: Schemas['Faceted_Resource']
  totals: Schemas['CoverageTotals'] | undefined
}) {
  const { resources, totals } = props
  const styles = useStyles()
  return (
    <dl className={styles.list}>
      <Row
        figure={totals?.unknown}
        href={paths.inventory({ state: 'unknown' })}
        words="assessments without a verdict: what they need was not read"
      />
      <Row
        figure={facet(resources.facets, 'state', 'notAssessed')}
        href={paths.inventory({ state: 'notAssessed' })}
        words="resources that no check looks at"
      />
      <Row
        figure={totals?.undescribed}
        href={paths.environments()}
        words="resources of kinds that Merlon does not know"
      />
    </dl>
  )
}

function Row({ figure, href, words }: { figure: number | undefined; href: string; words: string }) {
  const styles = useStyles()
  if (figure === undefined) return null
  return (
    <>
      <dt className={styles.figure}>
        <Anchor href={href} aria-label={`${count(figure)} ${words}`}>
          {count(figure)}
        </Anchor>
      </dt>
      <dd>{words}</dd>
    </>
  )
}
