// What a check would say of everything that was imported.
import type { Schemas } from '#/api/client'
import { ResourceLink } from '#/components/ResourceLink'
import { Figure, Section } from '#/ui/parts'
import { Verdict } from '#/ui/Severity'
import { count, counted } from '#/util/format'
import css from './content.module.css'
import type { Draft } from './draft'
import type { Trial } from './use-trial'

export function Try({ trial, draft }: { trial: Trial; draft: Draft }) {
  const { data, problem } = trial
  return (
    <Section title="What it would find" aside={trial.isPending && trial.isReady ? 'trying' : undefined}>
      <div role="status" aria-live="polite">
        {!trial.isReady ? (
          <p className={css.quiet}>
            {draft.kind === '' ? 'Choose a kind of resource' : 'Say when a resource is unhealthy'}: then it is
            tried here on all resources of that kind.
          </p>
        ) : problem !== undefined ? (
          <p className={css.error}>{problem}</p>
        ) : data === undefined ? (
          <p className={css.quiet}>Trying it on the inventory.</p>
        ) : (
          <Found of={data} />
        )}
      </div>
    </Section>
  )
}

function Found({ of }: { of: Schemas['Tried'] }) {
  const all = of.healthy + of.unhealthy + of.unknown + of.notApplicable
  return (
    <div className={css.stack}>
      <div className={css.figures}>
        <Figure value={count(of.unhealthy)} what={<Verdict value="unhealthy" />} />
        <Figure value={count(of.healthy)} what={<Verdict value="healthy" />} />
        <Figure value={count(of.unknown)} what={<Verdict value="unknown" />} />
        {of.notApplicable > 0 ? (
          <Figure value={count(of.notApplicable)} what={<Verdict value="notApplicable" />} />
        ) : null}
      </div>
      {all === 0 ? (
        <p className={css.quiet}>There is no resource of this kind yet: nothing can be said about it.</p>
      ) : null}
      {of.left > 0 ? (
        <p className={css.quiet}>
          {counted(of.left, 'further resource')} were not tried: there are too many.
        </p>
      ) : null}
      <Lines of={of.unhealthyResources} all={of.unhealthy} title="Unhealthy" />
      <Lines of={of.unknownResources} all={of.unknown} title="Unknown" />
    </div>
  )
}

function Lines({ of, all, title }: { of: readonly Schemas['TriedOn'][]; all: number; title: string }) {
  if (of.length === 0) return null
  return (
    <Section
      title={title}
      aside={all > of.length ? `the first ${count(of.length)} of ${count(all)}` : undefined}
    >
      <ul className={`${css.list} ${css.scroll}`} tabIndex={0} aria-label={title}>
        {of.map((it) => (
          <li key={it.resource}>
            <ResourceLink id={it.resource} name={it.name} />
            {it.why === undefined || it.why === null ? null : <span className={css.quiet}>{it.why}</span>}
          </li>
        ))}
      </ul>
    </Section>
  )
}
