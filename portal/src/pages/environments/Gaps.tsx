// What is not seen of the environments, and what that keeps from a verdict.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '#/api/client'
import { coverageQuery } from '#/api/queries/overview'
import { coverageWords, gapsOf } from '#/components/coverage'
import { Link } from '#/ui/Link'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { count, counted } from '#/util/format'
import css from './environments.module.css'

/** So many gaps are shown before somebody asks for all. */
const FEW = 5

export function Gaps({ scope }: { scope: string | undefined }) {
  const coverage = useQuery(coverageQuery(scope))
  return (
    <section className={css.gaps} aria-label="What was not read">
      <h2 className={css.title}>What was not read</h2>
      <Shown of={coverage} rows={3}>
        {(it) => <Told of={it} />}
      </Shown>
    </section>
  )
}

function Told({ of: { totals, scopes } }: { of: Schemas['Coverage'] }) {
  const [isWhole, setIsWhole] = useState(false)
  const all = gapsOf(scopes)
  const shown = isWhole ? all : all.slice(0, FEW)
  return (
    <>
      <p>
        {coverageWords(totals)}{' '}
        {totals.unknown === 0 ? (
          'Everything that checks need was there.'
        ) : (
          <>
            <Link to="/inventory" search={{ state: ['unknown'] }}>
              {counted(totals.unknown, 'assessment')}
            </Link>{' '}
            reached no verdict for it.
          </>
        )}
        {totals.undescribed === 0
          ? ''
          : ` ${counted(totals.undescribed, 'resource')} ${totals.undescribed === 1 ? 'is' : 'are'} of kinds that Merlon does not know.`}
        {totals.oldest == null ? null : (
          <span className={css.quiet}>
            {' '}
            The oldest was read <Time at={totals.oldest} />.
          </span>
        )}
      </p>
      {all.length === 0 ? null : (
        <ul className={css.list}>
          {shown.map((it) => (
            <li key={`${it.scope} ${it.kind} ${it.what} ${it.reason}`}>
              <span className={css.figure}>{count(it.assessments)}</span>
              <span>
                {it.title}
                {it.what === '' ? '' : `, ${it.what}`}: {it.reason}{' '}
                <span className={css.quiet}>
                  in{' '}
                  <Link to="/inventory" search={{ scope: it.scope, kind: [it.kind] }} plain>
                    {it.scopeName}
                  </Link>
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {all.length <= FEW ? null : (
        <div>
          <Button size="small" appearance="subtle" onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? 'Show fewer' : `Show all ${count(all.length)}`}
          </Button>
        </div>
      )}
    </>
  )
}
