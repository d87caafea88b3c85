// Why one step of a path is possible: what it needs, what proves it, what stops it.
import type { AttackStep, Fix } from '#/api/queries/attack'
import { NotRead, Reasons } from '#/components/Reasons'
import { ResourceLink } from '#/components/ResourceLink'
import { Badge, Facts, Section, Steps } from '#/ui/parts'
import { SidePanel } from '#/ui/SidePanel'
import css from './attack-paths.module.css'
import { FixList } from './FixList'
import { Technique } from './Technique'
import { actorOf, likelihoodWord, nameOf } from './words'

const answers: Record<string, string> = { allowed: 'Holds', denied: 'Does not hold', unknown: 'Not known' }

export function StepPanel(props: {
  step: AttackStep
  /** Its place in the path, from 1. */
  place: number
  /** How many steps the path has. */
  of: number
  fixes: readonly Fix[]
  without: readonly number[]
  toggle: (fix: number) => void
  close: () => void
}) {
  const { step, place } = props
  const fixes = props.fixes.filter((it) => step.fixes.includes(it.id))
  const node = (of: AttackStep['actor'] | null | undefined) =>
    of === null || of === undefined ? undefined : of.id === 'internet' ? (
      actorOf(of)
    ) : (
      <ResourceLink id={of.id} name={nameOf(of)} kind={of.kind} />
    )
  return (
    <SidePanel title={step.title} subtitle={`Step ${place} of ${props.of}`} close={props.close}>
      <div className={css.panel}>
        <p className={css.does}>
          {actorOf(step.actor)} {step.does}.
        </p>
        <Facts
          of={[
            ['Who', node(step.actor)],
            ['By way of', node(step.via)],
            ['Reaches', node(step.to)],
            ['Likelihood', likelihoodWord(step.likelihood)],
            [
              'Techniques',
              step.techniques.length === 0 ? undefined : (
                <span className={css.line}>
                  {step.techniques.map((it) => (
                    <Technique key={it} id={it} />
                  ))}
                </span>
              ),
            ],
            ['Catalogued as', <code key="id">{step.step}</code>],
          ]}
        />
        {step.assumed ? (
          <p className={css.text}>It takes something that was not read to be as it usually is.</p>
        ) : null}
        <Section title="What it needs">
          {step.preconditions.length === 0 ? (
            <p className={css.text}>Nothing beside what the attacker has.</p>
          ) : (
            <ul className={css.list}>
              {step.preconditions.map((it) => (
                <li key={it.says} className={css.need}>
                  <Badge>{answers[it.answer] ?? it.answer}</Badge>
                  <div>
                    {it.says}
                    <NotRead of={it.unread} />
                  </div>
                </li>
              ))}
            </ul>
          )}
        </Section>
        {step.evidence.length === 0 ? null : (
          <Section title="What proves it">
            <Reasons of={step.evidence} />
          </Section>
        )}
        {step.stop.length === 0 ? null : (
          <Section title="What stops it">
            <Steps of={step.stop} />
          </Section>
        )}
        {fixes.length === 0 ? null : (
          <FixList
            title="Changes that take this step away"
            fixes={fixes}
            without={props.without}
            toggle={props.toggle}
          />
        )}
      </div>
    </SidePanel>
  )
}
