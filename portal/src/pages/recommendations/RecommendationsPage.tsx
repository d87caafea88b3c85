// What is open, the worst first: as a list, by control, or by resource. All of its state is in the address.
import { Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Schemas } from '#/api/client'
import { recommendationsQuery } from '#/api/queries/posture'
import { SearchField } from '#/components/SearchField'
import { Chips } from '#/ui/Chips'
import { Facets } from '#/ui/Facets'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { count, counted } from '#/util/format'
import { ByControl } from './ByControl'
import { ByResource } from './ByResource'
import { RecommendationList } from './RecommendationList'
import { RecommendationPanel } from './RecommendationPanel'
import css from './recommendations.module.css'
import {
  cleared,
  type FilterName,
  filterNames,
  filterOf,
  type RecommendationsSearch,
  recommendationsSearch,
  toggled,
  views,
  without,
} from './search'
import { useChips, useFacetGroups } from './use-facets'

const viewWords = { list: 'All', control: 'By control', resource: 'By resource' } as const

export function RecommendationsPage() {
  const search = useSearch({ from: '/recommendations' })
  const scope = useSearch({ from: '__root__' }).scope
  const navigate = useNavigate()
  const go = (next: RecommendationsSearch, replace = false) =>
    void navigate({ to: '/recommendations', search: next, replace })
  const filter = filterOf(search, scope)
  const { data } = useQuery(recommendationsQuery(filter, 1))
  const groups = useFacetGroups(data?.facets, search)
  const chips = useChips(search)
  const view = search.view ?? 'list'
  const isFilter = (name: string): name is FilterName => filterNames.some((it) => it === name)
  return (
    <Page title="Recommendations" sentence={<Sentence scope={scope} />} fill>
      <div className={css.bar}>
        <TabList
          size="small"
          selectedValue={view}
          onTabSelect={(_, { value }) => {
            const chosen = views.find((it) => it === value)
            go(
              recommendationsSearch({
                ...search,
                view: chosen === 'list' ? undefined : chosen,
                open: undefined,
              }),
            )
          }}
        >
          {views.map((it) => (
            <Tab key={it} value={it}>
              {viewWords[it]}
            </Tab>
          ))}
        </TabList>
        <SearchField
          value={search.q ?? ''}
          label="Find recommendations"
          placeholder="Words of the title or the id"
          onChange={(q) => go(recommendationsSearch({ ...search, q }), true)}
        />
      </div>
      <div className={css.body}>
        <Facets
          groups={groups}
          onToggle={(name, value) => isFilter(name) && go(toggled(search, name, value))}
          onClear={(name) => isFilter(name) && go(without(search, name))}
        />
        <div className={css.main}>
          <Chips
            chips={chips}
            onRemove={({ name, value }) =>
              name === 'q' ? go(without(search, 'q')) : isFilter(name) && go(toggled(search, name, value))
            }
            onClear={() => go(cleared(search))}
          />
          {view === 'list' ? <RecommendationList search={search} filter={filter} go={go} /> : null}
          {view === 'control' ? <ByControl search={search} filter={filter} go={go} /> : null}
          {view === 'resource' ? <ByResource search={search} scope={scope} /> : null}
        </div>
      </div>
      {search.open === undefined ? null : (
        <RecommendationPanel
          check={search.open}
          resource={search.resource}
          pick={(resource) => go({ ...search, resource }, true)}
          close={() => go(recommendationsSearch({ ...search, open: undefined, resource: undefined }))}
        />
      )}
    </Page>
  )
}

/** What a person would say about all that is open. */
function Sentence({ scope }: { scope: string | undefined }) {
  const filter = { state: ['unhealthy' as const], ...(scope === undefined ? {} : { scope: [scope] }) }
  const { data } = useQuery(recommendationsQuery(filter, 1))
  const worst = useQuery(recommendationsQuery({ ...filter, risk: ['critical'] }, 1)).data
  if (data === undefined || worst === undefined) return null
  if (data.total === 0) return 'Nothing is open here: every check that could be judged passes.'
  const [first] = data.items
  return (
    <>
      {counted(data.total, 'recommendation')} {data.total === 1 ? 'is' : 'are'} open
      {worst.total > 0 ? (
        <>
          ,{' '}
          <Link
            to="/recommendations"
            search={{ risk: ['critical'] }}
          >{`${count(worst.total)} of them of critical risk here`}</Link>
        </>
      ) : null}
      .{first === undefined ? null : <First of={first} />}
    </>
  )
}

function First({ of }: { of: Schemas['Recommendation'] }) {
  return (
    <>
      {' '}
      Begin with “
      <Link to="/recommendations/$check" params={{ check: of.id }}>
        {of.title}
      </Link>
      ”,{' '}
      {of.counted.unhealthy === 1
        ? 'open on one resource'
        : `open on ${counted(of.counted.unhealthy, 'resource')}`}
      .
    </>
  )
}
