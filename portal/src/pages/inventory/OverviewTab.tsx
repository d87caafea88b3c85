// What matters most about a resource: its worst problem with the proof, the others, and what it is connected to.
import type { Schemas } from '#/api/client'
import { Reviews } from '#/components/Reviews'
import { Since } from '#/components/Since'
import { actionsKnownOn, wordsOfAction } from '#/pages/identities/actions'
import { Link } from '#/ui/Link'
import { Severity } from '#/ui/Severity'
import { EmptyState } from '#/ui/states'
import { count, counted } from '#/util/format'
import { AssessmentDetail } from './AssessmentDetail'
import { open } from './ResourcePage'
import css from './resource.module.css'

/** Problems that are named beside the worst. */
const NAMED = 6

/** `narrow` puts one part under the other, as in a panel. */
export function OverviewTab(props: { resource: Schemas['ResourceDetail']; narrow?: boolean }) {
  const { resource } = props
  const problems = open(resource)
  const [worst, ...others] = problems
  const { id } = resource
  const passed = resource.assessments.filter((it) => (it.countsAs ?? it.verdict) === 'healthy').length
  const unknown = resource.assessments.filter((it) => (it.countsAs ?? it.verdict) === 'unknown').length
  const [action] = actionsKnownOn(id)
  const neighbours = resource.neighbours.length + resource.moreNeighbours
  return (
    <div className={props.narrow === true ? css.stack : css.overview}>
      <div className={css.stack}>
        {worst === undefined ? (
          <EmptyState
            title={
              resource.assessments.length === 0 ? 'No check judges this resource' : 'Nothing is wrong here'
            }
          >
            {resource.assessments.length === 0
              ? 'It is read, stands in the graph and can be asked for, but no check is about its kind.'
              : `${counted(passed, 'check')} of ${count(resource.assessments.length)} pass.`}
          </EmptyState>
        ) : (
          <section className={css.card} aria-labelledby="worst">
            <h2 id="worst" className={css.title}>
              {worst.title}
            </h2>
            <AssessmentDetail id={id} check={worst.check} />
          </section>
        )}
      </div>
      <div className={css.stack}>
        {others.length === 0 ? null : (
          <section aria-labelledby="others">
            <h2 id="others" className={css.title}>
              Also wrong
            </h2>
            <ul className={css.problems}>
              {others.slice(0, NAMED).map((it) => (
                <li key={it.check}>
                  <Severity value={it.severity} quiet />
                  <Link
                    to="/inventory/$id"
                    params={{ id }}
                    search={{ tab: 'assessments', check: it.check }}
                    plain
                  >
                    {it.title}
                  </Link>
                </li>
              ))}
            </ul>
            {others.length > NAMED ? (
              <Link to="/inventory/$id" params={{ id }} search={{ tab: 'assessments' }}>
                {counted(others.length - NAMED, 'more problem')}
              </Link>
            ) : null}
          </section>
        )}
        <section aria-labelledby="facts">
          <h2 id="facts" className={css.title}>
            Facts
          </h2>
          <dl className={css.facts}>
            <dt>Checks</dt>
            <dd>
              <Link to="/inventory/$id" params={{ id }} search={{ tab: 'assessments' }}>
                {count(problems.length)} fail, {count(passed)} pass, {count(unknown)} unknown
              </Link>
            </dd>
            <Reviews of={resource} />
            <dt>Connected to</dt>
            <dd>
              <Link to="/inventory/$id" params={{ id }} search={{ tab: 'neighbours' }}>
                {counted(neighbours, 'resource')}
              </Link>
              {resource.hiddenNeighbours > 0
                ? ` and ${count(resource.hiddenNeighbours)} that you do not see`
                : ''}
            </dd>
            {action === undefined ? null : (
              <>
                <dt>Access</dt>
                <dd>
                  <Link to="/identities" search={{ what: id, action }}>
                    Who may {wordsOfAction(action) === '' ? action : wordsOfAction(action)}
                  </Link>
                </dd>
              </>
            )}
            <dt>First judged</dt>
            <dd>
              <Since commit={firstSeen(resource)} />
            </dd>
            <dt>Labels in queries</dt>
            <dd>
              <code className={css.code}>{resource.labels.map((it) => `:${it}`).join(' ')}</code>
            </dd>
            <dt>Kind</dt>
            <dd>
              <code className={css.code}>{resource.kind}</code>
            </dd>
          </dl>
        </section>
      </div>
    </div>
  )
}

function firstSeen(resource: Schemas['ResourceDetail']): number | undefined {
  const commits = resource.assessments.map((it) => it.firstSeen)
  return commits.length === 0 ? undefined : Math.min(...commits)
}
