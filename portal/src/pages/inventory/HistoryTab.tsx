// How a resource came about: what changed when, and by whom where that is known.
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { versionsQuery } from '#/api/queries/resources'
import { JsonDiff } from '#/ui/json/JsonDiff'
import { Link } from '#/ui/Link'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { count, counted } from '#/util/format'
import css from './resource.module.css'

type Step = Schemas['ResourceStep']

/** Differences that are shown of one step before somebody asks for all. */
const SHOWN = 20

export function HistoryTab({ id }: { id: string }) {
  const steps = useQuery(versionsQuery(id))
  return (
    <Shown of={steps}>
      {(all) => (
        <ol className={css.history}>
          {all.map((it) => (
            <li key={it.commit} className={css.step}>
              <StepHead id={id} step={it} />
              {it.values.length === 0 ? null : <Values step={it} />}
            </li>
          ))}
        </ol>
      )}
    </Shown>
  )
}

function wordOf(step: Step): string {
  switch (step.change) {
    case 'appeared':
      return 'Appeared'
    case 'changed':
      return step.values.length === 0 ? 'Changed' : `Changed in ${counted(step.values.length, 'value')}`
    case 'gone':
      return 'Gone'
  }
}

function StepHead({ id, step }: { id: string; step: Step }) {
  const says = step.cloudSays ?? undefined
  return (
    <p className={css.line}>
      <strong>{wordOf(step)}</strong>
      <span className={css.quiet}>
        {step.at === undefined || step.at === null ? `commit ${step.commit}` : <Time at={step.at} />}
        {step.by === undefined ? '' : `, brought in by ${step.by}`}
      </span>
      {says === undefined ? null : (
        <span className={css.quiet}>
          its cloud says{says.by === undefined || says.by === null ? '' : ` by ${says.by}`}
          {says.at === undefined || says.at === null ? null : (
            <>
              {' '}
              <Time at={says.at} />
            </>
          )}
        </span>
      )}
      {step.change === 'gone' ? null : (
        <Link to="/inventory/$id" params={{ id }} search={{ tab: 'document', version: String(step.commit) }}>
          Document then
        </Link>
      )}
    </p>
  )
}

function Values({ step }: { step: Step }) {
  const label = `What changed at commit ${step.commit}`
  const changes = step.values.map((it) => ({ path: it.path, before: it.before, after: it.after }))
  if (changes.length <= SHOWN) return <JsonDiff changes={changes} label={label} />
  return (
    <>
      <JsonDiff changes={changes.slice(0, SHOWN)} label={label} />
      <details>
        <summary className={css.more}>{count(changes.length - SHOWN)} more</summary>
        <JsonDiff changes={changes.slice(SHOWN)} label={`${label}, continued`} />
      </details>
    </>
  )
}
