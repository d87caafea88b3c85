// Recommendations in the groups that are worth points together.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type RecommendationFilter, recommendationsQuery, scoreQuery } from '#/api/queries/posture'
import { useControlName } from '#/components/names'
import { Bar } from '#/ui/Bar'
import { ChevronRightRegular } from '#/ui/icons'
import { EmptyState, Shown } from '#/ui/states'
import { counted, point } from '#/util/format'
import { RecommendationList } from './RecommendationList'
import css from './recommendations.module.css'
import type { RecommendationsSearch } from './search'

interface ByControlProps {
  search: RecommendationsSearch
  filter: RecommendationFilter
  go: (next: RecommendationsSearch, replace?: boolean) => void
}

/** A group for each control that has something of the filter in it. */
export function ByControl(props: ByControlProps) {
  const { filter } = props
  const asked = useQuery(recommendationsQuery(filter, 1))
  const { data: score } = useQuery(scoreQuery)
  const controlName = useControlName()
  return (
    <Shown of={asked}>
      {(found) => {
        const chosen = filter.control ?? []
        const values = found.facets.find((it) => it.name === 'control')?.values ?? []
        const groups = values.filter((it) => chosen.length === 0 || chosen.includes(it.value))
        const max = (id: string) => score?.controls.find((it) => it.control === id)?.max ?? 0
        const sorted = [...groups].sort((a, b) => max(b.value) - max(a.value) || b.count - a.count)
        if (sorted.length === 0)
          return <EmptyState title="No recommendation fits">Clear some filters.</EmptyState>
        return (
          <div className={css.groups}>
            {sorted.map((it) => (
              <Group
                key={it.value}
                {...props}
                id={it.value}
                title={controlName(it.value)}
                found={it.count}
                points={score?.controls.find((control) => control.control === it.value)}
              />
            ))}
          </div>
        )
      }}
    </Shown>
  )
}

function Group(
  props: ByControlProps & {
    id: string
    title: string
    found: number
    points: { current?: number | null; max: number } | undefined
  },
) {
  const [isOpen, setOpen] = useState(false)
  const { points } = props
  return (
    <details className={css.group} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={css.arrow}>
          <ChevronRightRegular aria-hidden="true" />
        </span>
        <span className={css.groupTitle}>{props.title}</span>
        <span className={`${css.figures} ${css.wide}`}>
          {points === undefined ? null : (
            <>
              <Bar part={points.current ?? 0} whole={points.max} label={`Points of ${props.title}`} />
              {point(points.current ?? 0)} of {point(points.max)} points
            </>
          )}
        </span>
        <span className={css.figures}>{counted(props.found, 'check')}</span>
      </summary>
      {isOpen ? (
        <div className={css.inner}>
          <RecommendationList
            search={props.search}
            filter={{ ...props.filter, control: [props.id] }}
            go={props.go}
            rows={12}
          />
        </div>
      ) : null}
    </details>
  )
}
