// Who may do everything where it is at home: where a look at identities begins.
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { answerQuery } from '#/api/queries/query'
import { kindsQuery } from '#/api/queries/resources'
import { useScopeName } from '#/components/names'
import { ResourceLink } from '#/components/ResourceLink'
import { Since } from '#/components/Since'
import { Link } from '#/ui/Link'
import { Section } from '#/ui/parts'
import { EmptyState, Shown } from '#/ui/states'
import { count } from '#/util/format'
import css from './identities.module.css'

/** Administrators that are listed; where there are more, the explorer lists them. */
const LISTED = 200

export const ADMINISTRATORS = `MATCH (identity:Identity|ServiceIdentity)
WHERE identity.merlon.administrator = true
RETURN identity.merlon.id AS id, identity.merlon.name AS name, identity.merlon.kind AS kind, identity.merlon.scope AS scope
ORDER BY scope, kind, name`

export function Administrators() {
  const asked = useQuery(answerQuery(ADMINISTRATORS, LISTED))
  const scopeName = useScopeName()
  const kinds = useQuery(kindsQuery).data
  const titles = useMemo(() => new Map((kinds ?? []).map((it) => [it.id, it.title] as const)), [kinds])
  return (
    <Shown of={asked} rows={6}>
      {({ rows, more, incomplete, asOf }) => (
        <Section
          title="Who may do everything"
          aside={
            <>
              As of <Since commit={asOf} />
            </>
          }
        >
          {rows.length === 0 ? (
            <EmptyState title="No administrator is known">
              No identity that was read may do everything in its account, subscription, project or cluster.
            </EmptyState>
          ) : (
            <ul className={css.decisions} aria-label="Administrators">
              {rows.map(([id, name, kind, scope]) => (
                <li key={text(id)} className={css.administrator}>
                  <span className={css.who}>
                    <ResourceLink id={text(id)} name={text(name)} kind={text(kind)} />
                  </span>
                  <span className={css.quiet}>{titles.get(text(kind)) ?? text(kind)}</span>
                  <span className={css.scope} title={text(scope)}>
                    {scopeName(text(scope))}
                  </span>
                  <Link to="/attack-paths" search={{ from: [text(id)] }}>
                    Paths from here
                  </Link>
                  <Link to="/attack-paths" search={{ to: text(id) }}>
                    Paths to it
                  </Link>
                </li>
              ))}
            </ul>
          )}
          {more ? (
            <p className={css.text}>
              The first {count(LISTED)} are listed.{' '}
              <Link to="/explorer" search={{ q: ADMINISTRATORS }}>
                All of them
              </Link>
            </p>
          ) : null}
          {incomplete ? (
            <p className={css.text}>Something that decides this was not read: there may be more.</p>
          ) : null}
        </Section>
      )}
    </Shown>
  )
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
