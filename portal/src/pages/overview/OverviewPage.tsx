import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Schemas } from '#/api/client'
import { openRecommendationsQuery, resourceStatesQuery, wholeScoreQuery } from '#/api/queries/overview'
import { scopesQuery } from '#/api/queries/scopes'
import { ReportButtons } from '#/components/ReportButtons'
import { Anchor } from '#/ui/Anchor'
import { Page } from '#/ui/Page'
import { EmptyState, ErrorState, Loading } from '#/ui/states'
import { space } from '#/ui/tokens'
import { count, counted, point } from '#/util/format'
import { paths } from '#/util/paths'
import { AttackTile } from './AttackTile'
import { ComplianceTile } from './ComplianceTile'
import { CoverageTile } from './CoverageTile'
import { FixesTile } from './FixesTile'
import { facet, OpenTile } from './OpenTile'
import { ScoreTile } from './ScoreTile'
import { SinceTile } from './SinceTile'
import { Tile } from './Tile'

const useStyles = makeStyles({
  tiles: {
    display: 'grid',
    gridTemplateColumns: 'repeat(12, minmax(0, 1fr))',
    gap: space.m,
    '@media (max-width: 1100px)': { gridTemplateColumns: 'repeat(2, minmax(0, 1fr))' },
    '@media (max-width: 700px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  third: { gridColumn: 'span 4', '@media (max-width: 1100px)': { gridColumn: 'auto' } },
  most: { gridColumn: 'span 8', '@media (max-width: 1100px)': { gridColumn: '1 / -1' } },
})

type Faceted = Pick<Schemas['Faceted_Recommendation'], 'facets' | 'total'>

/** The whole in one sentence. */
function sentence(
  open: Faceted,
  resources: Schemas['Faceted_Resource'],
  score: Schemas['Score'] | null,
): ReactNode {
  const unhealthy = facet(resources.facets, 'state', 'unhealthy')
  if (open.total === 0) return 'Nothing that is judged is open.'
  const worst = (['critical', 'high'] as const)
    .map((it) => ({ it, n: facet(open.facets, 'severity', it) }))
    .filter(({ n }) => n > 0)
  return (
    <>
      {worst.map(({ it, n }, index) => (
        <span key={it}>
          {index > 0 ? ' and ' : ''}
          <Anchor href={paths.recommendations({ state: 'unhealthy', severity: it })}>
            {count(n)} {it}
          </Anchor>
        </span>
      ))}
      {worst.length > 0 ? ' of ' : ''}
      <Anchor href={paths.recommendations({ state: 'unhealthy' })}>
        {counted(open.total, 'open recommendation')}
      </Anchor>
      {open.total === 1 ? ' concerns ' : ' concern '}
      <Anchor href={paths.inventory({ state: 'unhealthy' })}>{counted(unhealthy, 'resource')}</Anchor> of{' '}
      {count(resources.total)}
      {score === null ? '' : `; the secure score is ${point(score.percent)}\u00a0%`}.
    </>
  )
}

/** The score that the portal is narrowed to. */
function useScore() {
  const scope = useSearch({ from: '__root__', select: (search) => search.scope })
  const whole = useQuery(wholeScoreQuery)
  const scopes = useQuery({ ...scopesQuery, enabled: scope !== undefined })
  const score =
    scope === undefined ? whole.data?.score : scopes.data?.items.find((it) => it.id === scope)?.score
  const risk = scope === undefined ? whole.data?.riskBased : undefined
  const asked = scope === undefined ? whole : scopes
  const isKnown = asked.data !== undefined
  return { scope, score: score ?? null, risk, error: isKnown ? null : asked.error, isKnown }
}

/** What is open, what it comes to, what changed, what is not seen, and what to do first. */
export function OverviewPage() {
  const styles = useStyles()
  const { scope, score, risk, error, isKnown } = useScore()
  const open = useQuery(openRecommendationsQuery(scope))
  const resources = useQuery(resourceStatesQuery(scope))
  // Without these two there is no page; what else fails says so in its tile.
  const failed = [open, resources].find((it) => it.data === undefined && it.error !== null)
  if (failed !== undefined) {
    return (
      <Page title="Overview">
        <ErrorState
          error={failed.error}
          retry={() => void Promise.all([open.refetch(), resources.refetch()])}
        />
      </Page>
    )
  }
  if (resources.data?.total === 0) return <NothingYet />
  const isThere = open.data !== undefined && resources.data !== undefined
  return (
    <Page
      title="Overview"
      sentence={isThere ? sentence(open.data, resources.data, score) : ' '}
      actions={<ReportButtons path="/api/v1/reports/posture" scope={scope} file="posture" />}
    >
      <div className={styles.tiles}>
        <ScoreTile of={{ score, isKnown, error }} scope={scope} risk={risk} className={styles.third} />
        {isThere ? (
          <>
            <OpenTile facets={open.data.facets} className={styles.third} />
            <CoverageTile resources={resources.data} scope={scope} className={styles.third} />
          </>
        ) : (
          <>
            <Waiting title="Open recommendations" className={styles.third} />
            <Waiting title="What we do not see" className={styles.third} />
          </>
        )}
        {open.data === undefined ? (
          <Waiting title="What to do first" className={styles.most} />
        ) : (
          <FixesTile all={open.data.items} className={styles.most} />
        )}
        <ComplianceTile className={styles.third} />
        <SinceTile className={styles.most} />
        <AttackTile scope={scope} className={styles.third} />
      </div>
    </Page>
  )
}

function Waiting({ title, className }: { title: string; className?: string }) {
  return (
    <Tile title={title} {...(className === undefined ? {} : { className })}>
      <Loading rows={4} label={title} />
    </Tile>
  )
}

function NothingYet() {
  return (
    <Page title="Overview" sentence="Nothing was imported yet.">
      <EmptyState
        title="Begin with an export"
        action={<Anchor href={paths.environments()}>Import an export</Anchor>}
      >
        Merlon reads what your cloud's own tools export: it needs no access to begin with. Once something is
        there, this page says what is wrong, what it comes to, and what to do first.
      </EmptyState>
    </Page>
  )
}
