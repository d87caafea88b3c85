// Effective access, both ways: what somebody may do, and who may do something, each with the chain of reasons.
import { Button, Combobox, Field, Option } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { type Decision, rightsQuery } from '#/api/queries/rights'
import { NotRead, Reasons } from '#/components/Reasons'
import { ResourceField } from '#/components/ResourceField'
import { ResourceLink } from '#/components/ResourceLink'
import { Since } from '#/components/Since'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Badge, Section } from '#/ui/parts'
import { EmptyState, Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import { Administrators } from './Administrators'
import { actionFor, actionsOn, wordsOfAction } from './actions'
import { Common } from './Common'
import css from './identities.module.css'
import { type IdentitiesSearch, identitiesSearch } from './search'
import { answerWords, shortId } from './words'

/** Decisions that are listed; more are counted. */
const LISTED = 200

export function IdentitiesPage() {
  const search = useSearch({ from: '/identities' })
  const navigate = useNavigate()
  const go = (next: IdentitiesSearch) =>
    void navigate({ to: '/identities', search: identitiesSearch({ ...next }), resetScroll: false })
  const { who, what = '', action = '' } = search
  const isAsked = what !== '' && action !== ''
  const asked = useQuery({
    ...rightsQuery({ what, action, ...(who === undefined ? {} : { who }) }),
    enabled: isAsked,
  })
  return (
    <Page
      title="Identities"
      sentence={
        isAsked ? (
          asked.data === undefined ? (
            ' '
          ) : (
            <Sentence of={asked.data.decisions} search={search} />
          )
        ) : (
          'Who may do what, worked out from every policy that was read, with the reasons.'
        )
      }
    >
      <Question search={search} go={go} />
      {isAsked ? (
        <Shown of={asked} rows={6}>
          {({ decisions, asOf }) => (
            <Section
              title={who === undefined ? 'Who may do it' : 'The answer'}
              aside={
                <>
                  As of <Since commit={asOf} />
                </>
              }
            >
              {decisions.length === 0 ? (
                <EmptyState title="Nobody may do this">
                  No identity that was read is allowed, and none could be. An administrator who may change
                  policies could allow it: ask the attack paths to this resource.
                </EmptyState>
              ) : (
                <Decisions of={decisions} />
              )}
            </Section>
          )}
        </Shown>
      ) : (
        <>
          {what === '' ? (
            <p className={css.text}>
              Name a resource, such as a bucket: everybody who may read it is listed. Name an identity, too,
              and the answer for it stands there with its chain of reasons.
            </p>
          ) : (
            <Common who={who} what={what} />
          )}
          <Administrators />
        </>
      )}
    </Page>
  )
}

function Question({ search, go }: { search: IdentitiesSearch; go: (next: IdentitiesSearch) => void }) {
  const [action, setAction] = useState(search.action ?? '')
  useEffect(() => setAction(search.action ?? ''), [search.action])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    go({ ...search, action: action.trim() })
  }
  return (
    <form className={css.question} aria-label="Who may do what" onSubmit={submit}>
      <Field label="Who" hint="Everybody when empty">
        <ResourceField
          label="Who"
          placeholder="Anybody"
          value={search.who}
          choose={(who) => go(identitiesSearch({ ...search, who }))}
        />
      </Field>
      <Field label="may do" hint="In the words of its cloud">
        <Combobox
          freeform
          style={{ minWidth: 0, width: '100%' }}
          input={{ style: { minWidth: 0 } }}
          aria-label="Action"
          placeholder="s3:GetObject"
          value={action}
          selectedOptions={[]}
          onChange={(event) => setAction(event.currentTarget.value)}
          onOptionSelect={(_, { optionValue }) => {
            if (optionValue === undefined) return
            setAction(optionValue)
            go({ ...search, action: optionValue })
          }}
        >
          {actionsOn(search.what ?? '')
            .filter((it) => it.toLowerCase().includes(action.toLowerCase()) || action === search.action)
            .map((it) => (
              <Option key={it} text={it}>
                <span>
                  {it} <span className={css.quiet}>{wordsOfAction(it)}</span>
                </span>
              </Option>
            ))}
        </Combobox>
      </Field>
      <Field label="on" hint="A resource, by name or id">
        <ResourceField
          label="On what"
          placeholder="Name or id"
          value={search.what}
          choose={(what) =>
            go(identitiesSearch({ ...search, what, action: actionFor(what, action.trim(), search.what) }))
          }
        />
      </Field>
      <Button type="submit" appearance="primary" className={css.ask}>
        Ask
      </Button>
    </form>
  )
}

/** What a person would say aloud. */
function Sentence({ of, search }: { of: readonly Decision[]; search: IdentitiesSearch }) {
  const { who, action = '' } = search
  const [first] = of
  if (who !== undefined && first !== undefined) {
    const name = shortId(first.who)
    switch (first.answer) {
      case 'allowed':
        return `Yes: ${name} may do ${action} on ${shortId(first.on)}.`
      case 'denied':
        return `No: ${name} may not do ${action} on ${shortId(first.on)}.`
      default:
        return `Not known: something that decides it was not read.`
    }
  }
  const on = shortId(first?.on ?? search.what ?? '')
  const allowed = of.filter((it) => it.answer === 'allowed').length
  const unknown = of.filter((it) => it.answer === 'unknown').length
  const start =
    allowed === 0
      ? `Nobody is known to be allowed ${action} on ${on}`
      : `${counted(allowed, 'identity', 'identities')} may do ${action} on ${on}`
  return unknown === 0 ? `${start}.` : `${start}; of ${count(unknown)} more it is not known.`
}

const order: Record<string, number> = { allowed: 0, unknown: 1, denied: 2 }

function Decisions({ of }: { of: readonly Decision[] }) {
  const rows = [...of].sort((a, b) => (order[a.answer] ?? 3) - (order[b.answer] ?? 3))
  const isOne = rows.length === 1
  return (
    <>
      <ul className={css.decisions}>
        {rows.slice(0, LISTED).map((it) => (
          <li key={it.who}>
            <details open={isOne}>
              <summary className={css.summary}>
                <Badge>{answerWords[it.answer] ?? it.answer}</Badge>
                <span className={css.who}>{it.who === '*' ? 'Anybody' : shortId(it.who)}</span>
                <span className={css.id}>{it.who === '*' ? '' : it.who}</span>
                <span className={css.n}>{counted(it.reasons.length, 'reason')}</span>
              </summary>
              <div className={css.inner}>
                {it.who === '*' ? null : (
                  <div className={css.links}>
                    <ResourceLink id={it.who} name={`Open ${shortId(it.who)}`} />
                    <Link to="/attack-paths" search={{ from: [it.who] }} plain>
                      Paths from here
                    </Link>
                  </div>
                )}
                {it.reasons.length === 0 ? (
                  <p className={css.text}>Nothing that was read allows it.</p>
                ) : (
                  <Reasons of={it.reasons} />
                )}
                {it.unread.length === 0 ? null : (
                  <>
                    <p className={css.text}>What was not read and could change the answer:</p>
                    <NotRead of={it.unread} />
                  </>
                )}
              </div>
            </details>
          </li>
        ))}
      </ul>
      {rows.length > LISTED ? (
        <p className={css.text}>
          {counted(rows.length - LISTED, 'more is', 'more are')} not listed: name one of them above.
        </p>
      ) : null}
    </>
  )
}
