// The secure score and everything that it is made of, down to the resources behind each point.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Schemas } from '#/api/client'
import { scoreQuery, trendQuery } from '#/api/queries/posture'
import { scopesQuery } from '#/api/queries/scopes'
import { OpenCounts } from '#/components/marks'
import { useScopeName } from '#/components/names'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Figure, Section } from '#/ui/parts'
import { EmptyState, Shown } from '#/ui/states'
import { TrendLine } from '#/ui/TrendLine'
import { point } from '#/util/format'
import { Basket } from './Basket'
import { Controls } from './Controls'
import { Scopes } from './Scopes'
import css from './score.module.css'
import { basketed, type ScoreSearch, scoreSearch } from './search'

/** The figures of the scope that the page is narrowed to, or of all. Controls are missing where only a score is known. */
interface Narrowed {
  score?: Schemas['Score'] | null
  controls?: readonly Schemas['Control'][]
}

function narrowed(
  all: Schemas['ScoreDetail'],
  scopes: readonly Schemas['Scope'][],
  scope: string | undefined,
): Narrowed {
  if (scope === undefined) return all
  const exact = all.scopes.find((it) => it.scope === scope)
  if (exact !== undefined) return exact
  return { score: scopes.find((it) => it.id === scope)?.score ?? null }
}

export function ScorePage() {
  const search = useSearch({ from: '/score' })
  const scope = useSearch({ from: '__root__' }).scope
  const navigate = useNavigate()
  const go = (next: ScoreSearch) =>
    void navigate({ to: '/score', search: next, replace: true, resetScroll: false })
  const asked = useQuery(scoreQuery)
  const scopes = useQuery(scopesQuery)
  const toggle = (id: string) => go(basketed(search, id))
  const shown = asked.data === undefined ? undefined : narrowed(asked.data, scopes.data?.items ?? [], scope)
  return (
    <Page title="Secure score" sentence={shown === undefined ? '' : <Sentence of={shown} scope={scope} />}>
      <Shown of={asked}>
        {(all) => {
          const { score, controls } = narrowed(all, scopes.data?.items ?? [], scope)
          return (
            <div className={css.page}>
              <div className={css.top}>
                <Figures score={score ?? null} risk={scope === undefined ? all.riskBased : undefined} />
                <Trend scope={scope} />
              </div>
              <div className={css.columns}>
                <div className={css.main}>
                  <Section title="What it is made of" aside="Controls, each with the points that it can earn">
                    {controls === undefined ? (
                      <EmptyState title="Controls are counted per subscription, account, project and cluster">
                        Choose one of those in this scope below, or all scopes, to see what its score is made
                        of.
                      </EmptyState>
                    ) : (
                      <Controls
                        controls={controls}
                        search={search}
                        scope={scope}
                        open={(control) => go(scoreSearch({ ...search, control }))}
                        toggle={toggle}
                      />
                    )}
                  </Section>
                  <Section
                    title="By scope"
                    aside="The score over several scopes weighs each by its judged resources"
                  >
                    <Scopes of={all.scopes} />
                  </Section>
                </div>
                <Basket fix={search.fix ?? []} toggle={toggle} clear={() => go({ ...search, fix: [] })} />
              </div>
            </div>
          )
        }}
      </Shown>
    </Page>
  )
}

function Sentence({ of, scope }: { of: Narrowed; scope: string | undefined }) {
  const scopeName = useScopeName()
  const where = scope === undefined ? '' : ` of ${scopeName(scope)}`
  if (of.score === undefined || of.score === null) {
    return `There is no score${where} yet: no check that counts has judged anything.`
  }
  const { percent, current, max, assessedPercent } = of.score
  const most = [...(of.controls ?? [])].sort(
    (a, b) => b.max - (b.current ?? 0) - (a.max - (a.current ?? 0)),
  )[0]
  return (
    <>
      The score{where} is {point(percent)} %: {point(current)} of {point(max)} points.{' '}
      {assessedPercent < 99.95
        ? `It rests on the ${point(assessedPercent)} % of assessments that could be judged. `
        : ''}
      {most === undefined ? '' : `The most is to be gained under “${most.title}”.`}
    </>
  )
}

function Figures({ score, risk }: Pick<Narrowed, 'score'> & { risk: Schemas['RiskScore'] | undefined }) {
  if (score === undefined || score === null) return <Figure value="–" what="No score yet" />
  return (
    <div className={css.figures}>
      <Figure
        value={`${point(score.percent)} %`}
        what={`${point(score.current)} of ${point(score.max)} points`}
      />
      <Figure
        value={`${point(score.assessedPercent)} %`}
        what="of assessments could be judged; the rest is unknown and counts in no control"
      />
      {risk === undefined ? null : <RiskFigure of={risk} />}
    </div>
  )
}

/** The risk-based score, with what is open by risk. */
function RiskFigure({ of }: { of: Schemas['RiskScore'] }) {
  if (typeof of.percent !== 'number') return null
  return (
    <Figure
      value={`${point(of.percent)} %`}
      what={
        <>
          risk-based: how far what is open lies from what matters{' '}
          <Link to="/recommendations" aria-label="What is open by risk">
            <OpenCounts counts={of.open} />
          </Link>
          {of.knownAsOf === undefined || of.knownAsOf === null
            ? ' Exposure and attack paths are still worked out.'
            : null}
        </>
      }
    />
  )
}

function Trend({ scope }: { scope: string | undefined }) {
  const asked = useQuery(trendQuery(scope))
  return (
    <div className={css.trend}>
      <Shown of={asked} rows={3}>
        {(points) =>
          points.length === 0 ? (
            <EmptyState title="No history">
              The score of this scope has no history: it is kept for the tenant and for subscriptions,
              accounts, projects and clusters.
            </EmptyState>
          ) : (
            <TrendLine
              points={points.map((it) => ({ at: it.at, value: it.percent }))}
              label="Secure score in percent"
              range={[0, 100]}
              format={(value) => `${point(value)} %`}
            />
          )
        }
      </Shown>
    </div>
  )
}
