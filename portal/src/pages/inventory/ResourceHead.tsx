// What stands above the tabs of a resource: what it is, where it lies, its id and tags.
import { Fragment } from 'react'
import type { Schemas } from '#/api/client'
import { Crown } from '#/components/Crown'
import { Tags } from '#/components/marks'
import { useScopeName } from '#/components/names'
import { Copyable } from '#/ui/Copyable'
import { Link } from '#/ui/Link'
import { Verdict } from '#/ui/Severity'
import { KindName } from './columns'
import css from './resource.module.css'

export function ResourceHead({ resource }: { resource: Schemas['ResourceDetail'] }) {
  const scopeName = useScopeName()
  const path = [...resource.scopes].reverse()
  return (
    <div className={css.head}>
      <Verdict value={resource.state} />
      <Crown of={resource} link />
      <Link to="/inventory" search={{ kind: [resource.kind] }} plain>
        <KindName resource={resource} />
      </Link>
      {path.length === 0 ? null : (
        <nav aria-label="Where it lies" className={css.path}>
          {path.map((it, place) => (
            <Fragment key={it}>
              {place === 0 ? null : <span aria-hidden="true">›</span>}
              <Link to="/inventory" search={{ scope: it }} plain title={it}>
                {scopeName(it)}
              </Link>
            </Fragment>
          ))}
        </nav>
      )}
      {resource.region === '' ? null : (
        <Link to="/inventory" search={{ region: [resource.region] }} plain>
          {resource.region}
        </Link>
      )}
      {Object.keys(resource.tags).length === 0 ? null : <Tags tags={resource.tags} />}
      <span className={css.id}>
        <Copyable text={resource.id} />
      </span>
    </div>
  )
}
