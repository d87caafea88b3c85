// The cases that hold a check to what it says, and which conditions they have tried.
import type { Schemas } from '#/api/client'
import { CheckmarkRegular, DismissRegular } from '#/ui/icons'
import { Code, Section } from '#/ui/parts'
import { Verdict } from '#/ui/Severity'
import { EmptyState } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './content.module.css'

type Check = Schemas['CheckDetail']

export function Cases({ of }: { of: Check }) {
  const { coverage, cases } = of
  return (
    <>
      <Section
        title="Coverage of its conditions"
        aside={`${count(coverage.covered)} of ${counted(coverage.conditions.length, 'condition')} tried out in full`}
      >
        {coverage.problems.map((it) => (
          <p key={it} className={css.error}>
            {it}
          </p>
        ))}
        {coverage.conditions.length === 0 ? null : <Conditions of={coverage.conditions} />}
      </Section>
      <Section title="Cases" aside={`${count(coverage.held)} of ${count(coverage.cases)} hold`}>
        {cases.length === 0 ? (
          <EmptyState title="No cases">
            A case is a resource and the verdict that must come out. Checks that come with Merlon are held to
            theirs on every change.
          </EmptyState>
        ) : (
          <div>
            {cases.map((it) => (
              <Case key={it.name} of={it} />
            ))}
          </div>
        )}
      </Section>
    </>
  )
}

function Case({ of }: { of: Check['cases'][number] }) {
  return (
    <details className={css.case}>
      <summary>
        {of.problems.length === 0 ? (
          <CheckmarkRegular aria-label="holds" />
        ) : (
          <DismissRegular aria-label="does not hold" />
        )}
        <span>{of.name}</span>
        <Verdict value={of.wanted} />
      </summary>
      <div className={css.caseBody}>
        {of.problems.map((it) => (
          <p key={it} className={css.error}>
            {it}
          </p>
        ))}
        <Code text={JSON.stringify(of.resource, null, 2)} what="document" />
        {of.unread.length === 0 ? null : (
          <p className={css.quiet}>
            Not read: <code>{of.unread.join(', ')}</code>
          </p>
        )}
        {of.neighbours.length === 0 ? null : (
          <Code text={JSON.stringify(of.neighbours, null, 2)} what="neighbours" />
        )}
      </div>
    </details>
  )
}

const Tick = ({ is }: { is: boolean }) =>
  is ? <CheckmarkRegular aria-label="yes" /> : <span className={css.quiet}>–</span>

function Conditions({ of }: { of: Check['coverage']['conditions'] }) {
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className={css.conditions}>
        <thead>
          <tr>
            <th scope="col">Condition</th>
            <th scope="col">True</th>
            <th scope="col">False</th>
            <th scope="col">Unread</th>
            <th scope="col">Absent</th>
          </tr>
        </thead>
        <tbody>
          {of.map((it) => (
            <tr key={it.text}>
              <td>
                <code>{it.text}</code>
                {it.waived === undefined || it.waived === null ? null : (
                  <div className={css.quiet}>Waived: {it.waived}</div>
                )}
              </td>
              <td>
                <Tick is={it.wasTrue} />
              </td>
              <td>
                <Tick is={it.wasFalse} />
              </td>
              <td>
                <Tick is={it.wasUnread} />
              </td>
              <td>
                <Tick is={it.metAbsent} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
