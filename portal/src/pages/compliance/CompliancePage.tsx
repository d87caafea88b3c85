// All standards, how much of each is met.
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { standardsQuery } from '#/api/queries/standards'
import { standings, standingWord } from '#/components/Standing'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState, Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './compliance.module.css'
import { Shares } from './Shares'

export function CompliancePage() {
  const asked = useQuery(standardsQuery)
  return (
    <Page title="Compliance" sentence={asked.data === undefined ? '' : <Sentence of={asked.data} />}>
      <Shown of={asked} rows={6}>
        {(standards) =>
          standards.length === 0 ? (
            <EmptyState title="No standards">The content that Merlon was started with has none.</EmptyState>
          ) : (
            <ul className={css.standards}>
              {standards.map((it) => (
                <Standard key={it.id} of={it} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Page>
  )
}

function Sentence({ of }: { of: readonly Schemas['StandardLine'][] }) {
  const worst = [...of].sort((a, b) => b.failed - a.failed)[0]
  const waiting = of.reduce((sum, it) => sum + it.manual, 0)
  if (worst === undefined) return null
  return (
    <>
      {counted(of.length, 'standard')} {of.length === 1 ? 'is' : 'are'} judged with every import.{' '}
      {worst.failed === 0 ? (
        'No requirement fails'
      ) : (
        <>
          Most is failing in{' '}
          <Link to="/compliance/$standard" params={{ standard: worst.id }} search={{ state: ['failed'] }}>
            {worst.title}
          </Link>{' '}
          ({counted(worst.failed, 'requirement')})
        </>
      )}
      {waiting === 0
        ? '.'
        : `; ${counted(waiting, 'requirement')} ${waiting === 1 ? 'waits' : 'wait'} for a person, because no check can judge ${waiting === 1 ? 'it' : 'them'}.`}
    </>
  )
}

function Standard({ of }: { of: Schemas['StandardLine'] }) {
  const judged = of.passed + of.failed
  return (
    <li className={css.standard}>
      <div className={css.standardHead}>
        <Link to="/compliance/$standard" params={{ standard: of.id }} className={css.standardTitle}>
          {of.title}
        </Link>
        <code className={css.id}>{of.id}</code>
        <span className={css.passed}>
          <strong>{count(of.passed)}</strong> of {count(judged)} judged passed
        </span>
      </div>
      <Shares of={of} />
      <div className={css.legend}>
        {standings.map((it) =>
          of[it] === 0 ? null : (
            <Link
              key={it}
              to="/compliance/$standard"
              params={{ standard: of.id }}
              search={{ state: [it] }}
              plain
            >
              {count(of[it])} {standingWord(it).toLowerCase()}
            </Link>
          ),
        )}
      </div>
    </li>
  )
}
