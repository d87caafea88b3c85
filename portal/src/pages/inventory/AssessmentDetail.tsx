// What a check says of a resource, and why: the values that prove it, held against what is wanted.
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { checkQuery } from '#/api/queries/content'
import { assessmentQuery } from '#/api/queries/resources'
import { Proven } from '#/components/Proven'
import { Since } from '#/components/Since'
import { Link } from '#/ui/Link'
import { Severity, Verdict, verdictWord } from '#/ui/Severity'
import { Shown } from '#/ui/states'
import css from './resource.module.css'

/** The evidence of one assessment, fetched when it is shown. */
export function AssessmentDetail({ id, check }: { id: string; check: string }) {
  const assessment = useQuery(assessmentQuery(id, check))
  const text = useQuery(checkQuery(check))
  return (
    <Shown of={assessment} rows={3}>
      {(it) => (
        <div className={css.stack}>
          <Standing assessment={it} asOf={it.since} />
          {text.data?.why === undefined ? null : <p>{text.data.why}</p>}
          {it.verdict === 'unhealthy' ? (
            <Proven
              of={it}
              judged={id}
              unhealthy={text.data?.unhealthy}
              wanted={text.data?.steps === undefined ? undefined : <Steps steps={text.data.steps} />}
            />
          ) : null}
          <p>
            <Link to="/recommendations/$check" params={{ check }}>
              The recommendation, with all resources that it is about
            </Link>
          </p>
        </div>
      )}
    </Shown>
  )
}

function Steps({ steps }: { steps: readonly string[] }) {
  if (steps.length === 0) return null
  return (
    <ol className={css.steps}>
      {steps.map((it) => (
        <li key={it}>{it}</li>
      ))}
    </ol>
  )
}

/** The verdict in words: since when, why not known, what an exemption makes of it. */
function Standing({ assessment: it }: { assessment: Schemas['Assessment']; asOf: number }) {
  const counts = it.countsAs ?? it.verdict
  return (
    <p className={css.line}>
      <Severity value={it.severity} /> <Verdict value={it.verdict} />
      <span className={css.quiet}>
        since <Since commit={it.since} />
        {it.firstSeen === it.since ? null : (
          <>
            , first judged <Since commit={it.firstSeen} />
          </>
        )}
        {it.reopened > 0 ? `, came back ${it.reopened} ${it.reopened === 1 ? 'time' : 'times'}` : ''}
      </span>
      {it.exemption === undefined || it.exemption === null ? null : (
        <Link to="/exemptions" search={{ open: it.exemption.number }}>
          Exemption {it.exemption.number} makes it count as {verdictWord(counts).toLowerCase()}
        </Link>
      )}
      {(it.why ?? '') === '' ? null : <span className={css.why}>{it.why}</span>}
    </p>
  )
}
