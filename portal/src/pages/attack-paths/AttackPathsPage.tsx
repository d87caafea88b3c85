// The ways in which an attacker gets from where it is to what matters, and what cuts them.
import { Switch } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type AttackPaths, attackPathsQuery } from '#/api/queries/attack'
import { Since } from '#/components/Since'
import { Page } from '#/ui/Page'
import { Section } from '#/ui/parts'
import { Tabs } from '#/ui/SidePanel'
import { EmptyState, Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './attack-paths.module.css'
import { ChokePoints } from './ChokePoints'
import { FixPlan } from './FixPlan'
import { Gaps } from './Gaps'
import { OverTime } from './OverTime'
import { PathDetail } from './PathDetail'
import { PathList } from './PathList'
import { Question } from './Question'
import { type PathRow, rowsOf } from './rows'
import { type AttackPathsSearch, attackPathsSearch, toggled } from './search'
import { Sentence } from './Sentence'
import { StepPanel } from './StepPanel'
import { positionOf } from './words'

export function AttackPathsPage() {
  const search = useSearch({ from: '/attack-paths' })
  const navigate = useNavigate()
  const go = (next: AttackPathsSearch) =>
    void navigate({
      to: '/attack-paths',
      search: attackPathsSearch({ ...next }),
      replace: true,
      resetScroll: false,
    })
  const { from, to, without } = search
  const question = useMemo(
    () => ({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to: [to] }) }),
    [from, to],
  )
  const asked = useQuery(attackPathsQuery(question))
  const tried = useQuery({
    ...attackPathsQuery({ ...question, without: without ?? [] }),
    enabled: without !== undefined,
  })
  const after = without === undefined ? undefined : tried.data
  return (
    <Page
      title="Attack paths"
      sentence={
        asked.data === undefined ? (
          ' '
        ) : (
          <Sentence of={asked.data} after={after} fixes={without?.length ?? 0} />
        )
      }
    >
      <Tabs<'now' | 'time'>
        selected={search.tab ?? 'now'}
        select={(to) => go(to === 'time' ? { tab: to } : {})}
        of={[
          { value: 'now', label: 'Today' },
          { value: 'time', label: 'Over time' },
        ]}
      />
      {search.tab === 'time' ? (
        <OverTime search={search} go={go} />
      ) : (
        <>
          <Question search={search} go={go} />
          <Shown of={asked} rows={10}>
            {(answer) => <Found answer={answer} after={after} tried={tried.error} search={search} go={go} />}
          </Shown>
        </>
      )}
    </Page>
  )
}

function Found(props: {
  answer: AttackPaths
  after: AttackPaths | undefined
  tried: unknown
  search: AttackPathsSearch
  go: (next: AttackPathsSearch) => void
}) {
  const { answer, after, search, go } = props
  const without = useMemo(() => search.without ?? [], [search.without])
  const rows = useMemo(
    () =>
      rowsOf(answer, after, without, search.unproven === true).filter(
        (it) => search.new !== true || it.path.status === 'new',
      ),
    [answer, after, without, search.unproven, search.new],
  )
  const fresh = answer.paths.filter((it) => it.status === 'new').length
  const strong = useMemo(
    () => new Set(answer.chokePoints.filter((it) => it.passing > 1).map((it) => positionOf(it.position))),
    [answer],
  )
  const toggle = (fix: number) => go(toggled(search, fix))
  const opened: PathRow | undefined = rows.find((it) => it.mark === search.path) ?? rows[0]
  const step = search.step === undefined ? undefined : opened?.path.steps[search.step - 1]
  const n = answer.unproven.length
  return (
    <div className={css.columns}>
      <div className={css.main}>
        <Section
          title="Paths by risk"
          aside={
            <>
              As of <Since commit={answer.asOf} />
            </>
          }
          actions={
            <>
              {fresh === 0 || (fresh === answer.paths.length && search.new !== true) ? null : (
                <Switch
                  label={`Only ${count(fresh)} new`}
                  checked={search.new === true}
                  onChange={(_, { checked }) =>
                    go(attackPathsSearch({ ...search, new: checked, path: undefined, step: undefined }))
                  }
                />
              )}
              {n === 0 ? null : (
                <Switch
                  label={`With ${counted(n, 'path')} that could not be proven`}
                  checked={search.unproven === true}
                  onChange={(_, { checked }) => go(attackPathsSearch({ ...search, unproven: checked }))}
                />
              )}
            </>
          }
        >
          {rows.length === 0 && search.new === true ? (
            <EmptyState title="No path is new">Nothing was found within the last seven days.</EmptyState>
          ) : rows.length === 0 ? (
            <Nothing answer={answer} />
          ) : (
            <PathList
              rows={rows}
              opened={opened?.mark}
              open={(mark) => go(attackPathsSearch({ ...search, path: mark, step: undefined }))}
            />
          )}
        </Section>
      </div>
      <div className={css.side}>
        <FixPlan answer={answer} without={without} set={(to) => go({ ...search, without: to })} />
      </div>
      <div className={css.whole}>
        {opened === undefined ? null : (
          <PathDetail
            row={opened}
            without={without}
            strong={strong}
            toggle={toggle}
            step={search.step}
            openStep={(place) => go({ ...search, path: opened.mark, step: place })}
          />
        )}
        <ChokePoints of={answer.chokePoints} />
        <Gaps of={answer.gaps} />
      </div>
      {step === undefined || search.step === undefined ? null : (
        <StepPanel
          step={step}
          place={search.step}
          of={opened?.path.steps.length ?? 0}
          fixes={opened?.path.fixes ?? []}
          without={without}
          toggle={toggle}
          close={() => go(attackPathsSearch({ ...search, step: undefined }))}
        />
      )}
    </div>
  )
}

/** No path: what that means depends on whether all could be judged. */
function Nothing({ answer }: { answer: AttackPaths }) {
  if (answer.unproven.length > 0) {
    return (
      <EmptyState title="No path is proven">
        {counted(answer.unproven.length, 'path')} would lead there if what was not collected allows it: the
        switch above lists them.
      </EmptyState>
    )
  }
  return (
    <EmptyState title={answer.complete ? 'No path leads there' : 'No path was found'}>
      {answer.complete
        ? 'Every step that an attacker could take from there was judged, and none of them leads to what is asked for.'
        : 'This is no proof that there is none: what could not be judged is listed below. Import it, or ask from another place, such as any user.'}
    </EmptyState>
  )
}
