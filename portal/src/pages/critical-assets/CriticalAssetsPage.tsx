// What would be missed most: the assets, those that somebody should look at, and the rules that find them.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { classificationsQuery, criticalCountsQuery } from '#/api/queries/critical'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Tabs } from '#/ui/SidePanel'
import { count, counted } from '#/util/format'
import { present } from '#/util/search'
import { AssetsTab } from './AssetsTab'
import { ClassificationsTab } from './ClassificationsTab'
import css from './critical.module.css'
import { type CriticalSearch, type CriticalTab, criticalSearch } from './search'

export function CriticalAssetsPage() {
  const search = useSearch({ from: '/critical-assets' })
  const { scope } = useSearch({ strict: false })
  const navigate = useNavigate()
  const go = useCallback(
    (next: CriticalSearch, replace = false) =>
      void navigate({
        to: '/critical-assets',
        search: { ...present({ scope }), ...next },
        replace,
      }),
    [navigate, scope],
  )
  const critical = useQuery(criticalCountsQuery('/api/v1/critical-assets', scope))
  const review = useQuery(criticalCountsQuery('/api/v1/critical-assets/review', scope))
  const rules = useQuery(classificationsQuery)
  const tab: CriticalTab = search.tab ?? 'assets'
  const n = (value: number | undefined) => (value === undefined ? '' : ` (${count(value)})`)
  return (
    <Page
      title="Critical assets"
      fill
      sentence={
        critical.data === undefined ? (
          ' '
        ) : (
          <Sentence of={critical.data} review={review.data?.total ?? 0} rules={rules.data?.items.length} />
        )
      }
      actions={
        <Link to="/critical-assets/write" className={css.button}>
          Write a classification
        </Link>
      }
    >
      <div className={css.tabs}>
        <Tabs<CriticalTab>
          selected={tab}
          select={(to) => go(criticalSearch({ tab: to }))}
          of={[
            { value: 'assets', label: `Critical assets${n(critical.data?.total)}` },
            { value: 'review', label: `To review${n(review.data?.total)}` },
            { value: 'classifications', label: `Classifications${n(rules.data?.items.length)}` },
          ]}
        />
      </div>
      {tab === 'classifications' ? (
        <ClassificationsTab search={search} go={go} />
      ) : (
        <AssetsTab key={tab} list={tab} search={search} scope={scope} go={go} />
      )}
    </Page>
  )
}

interface Counts {
  total: number
  facets: readonly { name: string; values: readonly { value: string; count: number }[] }[]
}

function Sentence({ of, review, rules }: { of: Counts; review: number; rules: number | undefined }) {
  const levels = of.facets.find((it) => it.name === 'level')?.values ?? []
  const top = levels.find((it) => it.value === 'veryHigh')?.count ?? 0
  const looked = rules === undefined ? '' : ` by ${counted(rules, 'classification')}`
  return (
    <>
      {of.total === 0
        ? `Nothing was found to be critical${looked}`
        : `${counted(of.total, 'asset is', 'assets are')} critical`}
      {top === 0 ? null : (
        <>
          ,{' '}
          <Link to="/critical-assets" search={{ level: ['veryHigh'] }}>
            {top === of.total ? 'of the highest level' : `${count(top)} of them of the highest level`}
          </Link>
        </>
      )}
      {review === 0 ? null : (
        <>
          ;{' '}
          <Link to="/critical-assets" search={{ tab: 'review' }}>
            {counted(review, 'asset wants', 'assets want')} a look
          </Link>
        </>
      )}
      .
    </>
  )
}
