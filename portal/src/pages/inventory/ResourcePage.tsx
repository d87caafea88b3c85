// Everything that is known of one resource.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Schemas } from '#/api/client'
import { resourceQuery } from '#/api/queries/resources'
import { ExemptDialog } from '#/components/exempt/ExemptDialog'
import { useScopeName } from '#/components/names'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { severities, severityWord } from '#/ui/Severity'
import { Tabs } from '#/ui/SidePanel'
import { ErrorState, Loading } from '#/ui/states'
import { count, counted } from '#/util/format'
import { AssessmentsTab } from './AssessmentsTab'
import { shortName } from './columns'
import { DocumentTab } from './DocumentTab'
import { HistoryTab } from './HistoryTab'
import { NeighboursTab } from './NeighboursTab'
import { OverviewTab } from './OverviewTab'
import { PathsTab } from './PathsTab'
import { ResourceHead } from './ResourceHead'
import css from './resource.module.css'
import type { ResourceSearch, ResourceTab } from './resource-search'

export function ResourcePage() {
  const { id } = useParams({ from: '/inventory/$id' })
  const search = useSearch({ from: '/inventory/$id' })
  const navigate = useNavigate({ from: '/inventory/$id' })
  const resource = useQuery(resourceQuery(id))
  const [isExempting, setExempting] = useState(false)
  const go = (to: ResourceSearch) => void navigate({ search: (now) => ({ ...scopeOf(now), ...to }) })
  const { data } = resource
  if (data === undefined) {
    return (
      <Page title={shortName(id)} sentence=" ">
        {resource.isPending ? (
          <Loading rows={10} />
        ) : (
          <ErrorState error={resource.error} retry={() => void resource.refetch()} />
        )}
      </Page>
    )
  }
  const tab = search.tab ?? 'overview'
  return (
    <Page
      title={data.name === '' ? shortName(id) : data.name}
      sentence={<Sentence resource={data} />}
      actions={
        data.can.includes('exemption.write') ? (
          <Button onClick={() => setExempting(true)}>Exempt…</Button>
        ) : undefined
      }
    >
      <ResourceHead resource={data} />
      <div className={css.tabs}>
        <Tabs<ResourceTab>
          selected={tab}
          select={(to) => go(to === 'overview' ? {} : { tab: to })}
          of={[
            { value: 'overview', label: 'Overview' },
            { value: 'document', label: 'Document' },
            { value: 'assessments', label: `Assessments (${count(data.assessments.length)})` },
            { value: 'history', label: 'History' },
            {
              value: 'neighbours',
              label: `Neighbours (${count(data.neighbours.length + data.moreNeighbours)})`,
            },
            { value: 'paths', label: 'Attack paths' },
          ]}
        />
      </div>
      <div className={css.tab}>
        <Shown tab={tab} resource={data} search={search} go={go} />
      </div>
      {isExempting ? (
        <ExemptDialog
          checks={open(data).map((it) => ({ id: it.check, title: it.title }))}
          resources={[{ id: data.id, name: data.name }]}
          close={() => setExempting(false)}
        />
      ) : null}
    </Page>
  )
}

function scopeOf(search: { scope?: string }): { scope?: string } {
  return search.scope === undefined ? {} : { scope: search.scope }
}

/** What counts as unhealthy on a resource. */
export function open(resource: Schemas['ResourceDetail']): readonly Schemas['Assessment'][] {
  return resource.assessments.filter(
    (it) => (it.countsAs ?? it.verdict) === 'unhealthy' && it.verdict === 'unhealthy',
  )
}

function Shown(props: {
  tab: ResourceTab
  resource: Schemas['ResourceDetail']
  search: ResourceSearch
  go: (to: ResourceSearch) => void
}) {
  switch (props.tab) {
    case 'overview':
      return <OverviewTab resource={props.resource} />
    case 'document':
      return <DocumentTab resource={props.resource} path={props.search.path} version={props.search.version} />
    case 'assessments':
      return <AssessmentsTab resource={props.resource} check={props.search.check} go={props.go} />
    case 'history':
      return <HistoryTab id={props.resource.id} />
    case 'neighbours':
      return <NeighboursTab resource={props.resource} />
    case 'paths':
      return <PathsTab resource={props.resource} />
  }
}

/** What a person would say aloud about it. */
function Sentence({ resource }: { resource: Schemas['ResourceDetail'] }) {
  const scopeName = useScopeName()
  const kind = resource.kindTitle ?? resource.kind
  const where = scopeName(resource.home || resource.scope)
  const worst = severities.filter((it) => resource.open[it] > 0)
  const start = `${kind}${where === '' ? '' : ` in ${where}`}`
  if (!resource.collected) {
    return `${start}: others refer to it, but it was not read itself, so that nothing can be said of it.`
  }
  switch (resource.state) {
    case 'unhealthy':
      return (
        <>
          {start}:{' '}
          <Link to="/inventory/$id" params={{ id: resource.id }} search={{ tab: 'assessments' }}>
            {worst.map((it) => `${count(resource.open[it])} ${severityWord(it).toLowerCase()}`).join(', ')}{' '}
            {worst.reduce((sum, it) => sum + resource.open[it], 0) === 1 ? 'problem' : 'problems'}
          </Link>
          .
        </>
      )
    case 'unknown': {
      const unknown = resource.assessments.filter((it) => (it.countsAs ?? it.verdict) === 'unknown').length
      return `${start}: ${counted(unknown, 'check')} could not be decided, because something was not collected.`
    }
    case 'healthy':
      return `${start}: all checks that judge it pass.`
    case 'notAssessed':
      return `${start}: no check judges it.`
  }
}
