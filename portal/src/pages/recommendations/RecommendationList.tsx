import { Button } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { type RecommendationFilter, recommendationPage } from '#/api/queries/posture'
import { ExemptDialog } from '#/components/exempt/ExemptDialog'
import { useControlName } from '#/components/names'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { Link } from '#/ui/Link'
import { EmptyState } from '#/ui/states'
import { recommendationColumns } from './columns'
import { type RecommendationsSearch, recommendationsSearch } from './search'

interface ListProps {
  search: RecommendationsSearch
  filter: RecommendationFilter
  go: (next: RecommendationsSearch, replace?: boolean) => void
  /** As high as its rows, at most so many; else it fills the page. */
  rows?: number
}

/** The list. Ticked ones can be exempted together, or put into the basket of the score. */
export function RecommendationList({ search, filter, go, rows }: ListProps) {
  const controlName = useControlName()
  const columns = useMemo(() => recommendationColumns(controlName), [controlName])
  const [ticked, tick] = useState<ReadonlySet<string>>(new Set())
  const [exempting, setExempting] = useState<readonly { id: string; title: string }[]>()
  const source = useKeyset<Schemas['Faceted_Recommendation']>({
    key: ['list_recommendations', filter],
    page: (cursor, limit, signal) => recommendationPage(filter, cursor, limit, signal),
  })
  const titles = new Map(source.first?.items.map((it) => [it.id, it.title]))
  const ids = [...ticked]
  return (
    <>
      <Table
        name="recommendations"
        label="Recommendations"
        noun={['recommendation', 'recommendations']}
        columns={columns}
        source={source}
        id={(it) => it.id}
        opened={search.open}
        onOpen={(it, follows) =>
          go(recommendationsSearch({ ...search, open: it.id, resource: undefined }), follows)
        }
        sort={{ by: search.sort ?? 'risk', reverse: search.reverse ?? false }}
        onSort={({ by, reverse }) =>
          go(recommendationsSearch({ ...search, sort: by === 'risk' ? undefined : by, reverse }))
        }
        selected={ticked}
        onSelect={tick}
        shown={search.columns}
        onShown={(keys) => go(recommendationsSearch({ ...search, columns: keys }), true)}
        download={{ path: '/api/v1/recommendations', query: { ...filter }, file: 'recommendations' }}
        tools={
          ids.length === 0 ? null : (
            <>
              <Link to="/score" search={{ fix: ids }}>
                What if these were mended?
              </Link>
              <Button
                size="small"
                onClick={() => setExempting(ids.map((id) => ({ id, title: titles.get(id) ?? id })))}
              >
                Exempt
              </Button>
            </>
          )
        }
        empty={
          <EmptyState title="No recommendation fits">
            Nothing that was imported matches these filters. Clear some of them, or look at what is healthy or
            unknown under State.
          </EmptyState>
        }
        {...(rows === undefined ? {} : { rows, main: false })}
      />
      {exempting === undefined ? null : (
        <ExemptDialog
          checks={exempting}
          resources={[]}
          close={() => setExempting(undefined)}
          done={() => tick(new Set())}
        />
      )}
    </>
  )
}
