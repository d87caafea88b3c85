// Writes a classification in four steps: what it is called, what it finds, how much that is worth, and whether all is right.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { classificationsQuery, type Classification } from '#/api/queries/critical'
import { meQuery } from '#/api/queries/people'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState, Forbidden, Shown } from '#/ui/states'
import css from './critical.module.css'
import { type Draft, draftOf, empty, lacks, stepOf } from './draft'
import { Finish } from './Finish'
import { steps, type WizardSearch, wizardSearch } from './search'
import { Describe, Find, LevelStep } from './steps'
import { usePreview } from './use-preview'

const stepWords = { describe: 'Describe', find: 'Find', level: 'Level', review: 'Review' } as const

export function WizardPage() {
  const search = useSearch({ from: '/critical-assets/write' })
  const all = useQuery(classificationsQuery)
  const me = useQuery(meQuery)
  if (me.data !== undefined && !me.data.can.includes('classification.write')) {
    return (
      <Page title="Write a classification">
        <Forbidden detail="It takes the right to write classifications." />
      </Page>
    )
  }
  if (all.data === undefined) {
    return (
      <Page title="Write a classification" sentence=" ">
        <Shown of={all}>{() => null}</Shown>
      </Page>
    )
  }
  const { items } = all.data
  const begun = items.find((it) => it.id === (search.edit ?? search.from))
  if (search.edit !== undefined && begun?.own !== true) {
    return (
      <Page title="Change a classification">
        <EmptyState
          title="There is no such classification of yours"
          action={
            <Link to="/critical-assets" search={{ tab: 'classifications' }}>
              All classifications
            </Link>
          }
        />
      </Page>
    )
  }
  // Another one to begin from is another form.
  return (
    <Wizard
      key={`${search.edit ?? ''} ${search.from ?? ''}`}
      search={search}
      begun={begun}
      taken={new Set(items.map((it) => it.id))}
    />
  )
}

function beginOf(search: WizardSearch, begun: Classification | undefined): Draft {
  if (begun !== undefined) {
    const draft = draftOf(begun)
    return search.edit === undefined ? { ...draft, title: `${draft.title}, ours` } : draft
  }
  return {
    ...empty,
    kinds: search.kind === undefined ? [] : [search.kind],
    label: search.kind === undefined ? (search.label ?? '') : '',
    where: search.where ?? '',
  }
}

function Wizard(props: {
  search: WizardSearch
  begun: Classification | undefined
  taken: ReadonlySet<string>
}) {
  const { search, begun, taken } = props
  const [draft, setDraft] = useState(() => beginOf(search, begun))
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const preview = usePreview(draft)
  const navigate = useNavigate()
  const step = stepOf(draft, search.step ?? 1)
  const go = (to: number) =>
    void navigate({ to: '/critical-assets/write', search: wizardSearch({ ...search, step: to }) })
  // A link to a later step begins where something is missing, and stays there while that is typed.
  const isAhead = search.step !== undefined && search.step > step
  useEffect(() => {
    if (isAhead) {
      const to = wizardSearch({ ...search, step })
      void navigate({ to: '/critical-assets/write', search: to, replace: true })
    }
  }, [isAhead, navigate, search, step])
  const form = useRef<HTMLFormElement>(null)
  // Who goes on by the keyboard goes on where the step begins; the first one has the focus by itself.
  useEffect(() => {
    if (step === 1) return
    const first =
      form.current?.querySelector('input:checked') ??
      form.current?.querySelector('input, textarea, [data-first]')
    if (first instanceof HTMLElement) first.focus()
  }, [step])
  const missing = lacks(draft, step)
  const wrong = step === 2 && missing === '' && preview.problem !== undefined
  const edits = search.edit
  return (
    <Page
      title={edits === undefined ? 'Write a classification' : `Change ${begun?.title ?? edits}`}
      sentence="It holds for resources of some kinds by a condition, and gives them a level: attack paths, risk and the inventory know it at once."
    >
      <nav aria-label="Steps">
        <ol className={css.steps}>
          {steps.map((it, n) => (
            <li key={it}>
              <button
                type="button"
                className={css.step}
                disabled={stepOf(draft, n + 1) !== n + 1}
                aria-current={step === n + 1 ? 'step' : undefined}
                onClick={() => go(n + 1)}
              >
                {n + 1}. {stepWords[it]}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <form
        ref={form}
        noValidate
        className={css.stack}
        onSubmit={(event) => {
          event.preventDefault()
          if (missing === '' && !wrong && step < steps.length) go(step + 1)
        }}
      >
        {step === 1 ? <Describe draft={draft} set={set} /> : null}
        {step === 2 ? <Find draft={draft} set={set} preview={preview} /> : null}
        {step === 3 ? <LevelStep draft={draft} set={set} preview={preview} /> : null}
        {step === 4 ? (
          <Finish draft={draft} preview={preview} edits={edits} taken={taken} back={() => go(3)} />
        ) : (
          <div className={css.foot}>
            {step > 1 ? <Button onClick={() => go(step - 1)}>Back</Button> : null}
            <Button type="submit" appearance="primary" disabledFocusable={missing !== '' || wrong}>
              Next
            </Button>
            <span className={css.quiet}>{wrong ? 'Mend the condition first.' : missing}</span>
            <span className={css.grow} />
            <Link to="/critical-assets" search={{ tab: 'classifications' }}>
              Cancel
            </Link>
          </div>
        )}
      </form>
    </Page>
  )
}
