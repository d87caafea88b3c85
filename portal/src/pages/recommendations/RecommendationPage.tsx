import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { recommendationQuery } from '#/api/queries/posture'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Tabs } from '#/ui/SidePanel'
import { Loading, Shown } from '#/ui/states'
import { type DetailSearch, type DetailTab, detailSearch } from './detail-search'
import { Focus } from './Focus'
import { RecommendationDetail } from './RecommendationDetail'

const GraphTab = lazy(async () => ({ default: (await import('./GraphTab')).GraphTab }))
const InsightsTab = lazy(async () => ({ default: (await import('./InsightsTab')).InsightsTab }))

/** One recommendation as a page: what it says, where its resources stand, and what is known of them. */
export function RecommendationPage() {
  const { check } = useParams({ from: '/recommendations/$check' })
  const search = useSearch({ from: '/recommendations/$check' })
  const navigate = useNavigate()
  const asked = useQuery(recommendationQuery(check))
  const go = (next: DetailSearch, replace: boolean) =>
    void navigate({
      to: '/recommendations/$check',
      params: { check },
      search: detailSearch({ ...next }),
      replace,
      resetScroll: false,
    })
  const { tab = 'overview', resource } = search
  const pick = (id: string) => go({ ...search, resource: id }, true)
  return (
    <Page
      title={asked.data?.title ?? check}
      sentence={
        <>
          <Link to="/recommendations">Recommendations</Link> › <code>{check}</code>
        </>
      }
    >
      <Tabs<DetailTab>
        selected={tab}
        select={(to) => go({ ...search, tab: to }, false)}
        of={[
          { value: 'overview', label: 'Overview' },
          { value: 'graph', label: 'Graph' },
          { value: 'insights', label: 'Insights' },
        ]}
      />
      <Shown of={asked}>
        {(of) =>
          tab === 'overview' ? (
            <RecommendationDetail of={of} resource={resource} pick={pick} wide />
          ) : (
            <Focus check={check} resource={resource} pick={pick}>
              {(id) => (
                <Suspense fallback={<Loading rows={6} />}>
                  {tab === 'graph' ? <GraphTab id={id} /> : <InsightsTab id={id} check={check} />}
                </Suspense>
              )}
            </Focus>
          )
        }
      </Shown>
    </Page>
  )
}
