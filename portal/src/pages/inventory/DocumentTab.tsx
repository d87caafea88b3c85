// The document of a resource as it was read, with the values that problems rest on.
import { useQueries, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Schemas } from '#/api/client'
import { assessmentQuery, versionQuery } from '#/api/queries/resources'
import { isCondition } from '#/ui/Evidence'
import { JsonTree, type Mark } from '#/ui/json/JsonTree'
import type { Json } from '#/ui/json/lines'
import { Link } from '#/ui/Link'
import { EmptyState, Shown } from '#/ui/states'
import { open } from './ResourcePage'
import css from './resource.module.css'

/** Assessments whose evidence is looked up for the marks. */
const MARKED = 25

export function DocumentTab(props: {
  resource: Schemas['ResourceDetail']
  path: string | undefined
  version: string | undefined
}) {
  const { resource, path, version } = props
  if (version !== undefined) return <Earlier resource={resource} version={version} path={path} />
  return <Now resource={resource} path={path} />
}

/** Opens the editor of checks at a value. */
function useCheckFrom(kind: string): (path: string, value: Json) => void {
  const navigate = useNavigate()
  return (path, value) =>
    void navigate({ to: '/content/write', search: { kind, path, value: JSON.stringify(value) } })
}

function Now({ resource, path }: { resource: Schemas['ResourceDetail']; path: string | undefined }) {
  const problems = open(resource).slice(0, MARKED)
  const evidence = useQueries({
    queries: problems.map((it) => assessmentQuery(resource.id, it.check)),
    combine: (all) => all.flatMap((it) => (it.data === undefined ? [] : [it.data])),
  })
  const marks: Mark[] = evidence.flatMap((it) =>
    it.evidence
      .filter((value) => (value.resource ?? resource.id) === resource.id && !isCondition(value.path))
      .map((value) => ({ path: value.path, note: it.title })),
  )
  const write = useCheckFrom(resource.kind)
  if (!resource.collected || Object.keys(resource.document).length === 0) {
    return (
      <EmptyState title="There is no document">
        Other resources refer to this one, but it was not read itself. An import that holds it brings its
        document.
      </EmptyState>
    )
  }
  return (
    <JsonTree
      value={resource.document}
      label={`the document of ${resource.name}`}
      marks={marks}
      focus={path}
      onCheck={resource.kindTitle === undefined || resource.kindTitle === null ? undefined : write}
    />
  )
}

function Earlier(props: { resource: Schemas['ResourceDetail']; version: string; path: string | undefined }) {
  const { resource, version } = props
  const document = useQuery(versionQuery(resource.id, Number(version)))
  return (
    <div className={css.stack}>
      <p className={css.line}>
        <span>As it was at commit {version}.</span>
        <Link to="/inventory/$id" params={{ id: resource.id }} search={{ tab: 'document' }}>
          Show it as it is now
        </Link>
      </p>
      <Shown of={document}>
        {(it) => (
          <JsonTree
            value={it}
            label={`the document of ${resource.name} at commit ${version}`}
            focus={props.path}
          />
        )}
      </Shown>
    </div>
  )
}
