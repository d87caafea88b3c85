// All that is to be said about a recommendation: why it matters, what proves it, how to mend it, what that is worth.
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '#/api/client'
import { whatIfQuery } from '#/api/queries/posture'
import { ExemptDialog } from '#/components/exempt/ExemptDialog'
import { Gain } from '#/components/Gain'
import { useControlName, useStandardName } from '#/components/names'
import { Since } from '#/components/Since'
import { WhatIfResult } from '#/components/WhatIfResult'
import { cloudName } from '#/ui/glyphs'
import { Link } from '#/ui/Link'
import { Badge, Code, Facts, Outside, Row, Section } from '#/ui/parts'
import { Severity, Verdict } from '#/ui/Severity'
import { Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import { Affected } from './Affected'
import { Here } from './Here'
import css from './recommendations.module.css'

interface DetailProps {
  of: Schemas['RecommendationDetail']
  /** The affected resource whose evidence is shown; the first when it is left out. */
  resource: string | undefined
  pick: (resource: string) => void
  /** Whether there is room for two columns. */
  wide: boolean
}

export function RecommendationDetail({ of, resource, pick, wide }: DetailProps) {
  const main = <Affected of={of} resource={resource} pick={pick} />
  const side = <Beside of={of} />
  return (
    <div className={css.detail}>
      <Head of={of} />
      {wide ? (
        <div className={css.columns}>
          <div className={css.detail}>
            <Why of={of} />
            {main}
          </div>
          <div className={css.detail}>{side}</div>
        </div>
      ) : (
        <>
          <Why of={of} />
          {main}
          {side}
        </>
      )}
    </div>
  )
}

/** The sentence, and what can be done. */
function Head({ of }: { of: Schemas['RecommendationDetail'] }) {
  const [isExempting, setExempting] = useState(false)
  const mayExempt = of.can.includes('exemption.write')
  const judged = of.counted.healthy + of.counted.unhealthy
  return (
    <div className={css.lead}>
      <div className={css.head}>
        {of.risk === undefined || of.risk === null ? (
          <Severity value={of.severity} />
        ) : (
          <>
            <span className={css.named}>
              Risk here <Severity value={of.risk} />
            </span>
            <span className={css.named}>
              Severity <Severity value={of.severity} />
            </span>
          </>
        )}
        <Verdict value={of.state} />
        <span>{cloudName(of.cloud)}</span>
        {of.scored ? null : <Badge title="It counts in no score before it is stable">not scored</Badge>}
        {of.exempt > 0 ? <Badge>{count(of.exempt)} exempted</Badge> : null}
      </div>
      <p className={css.text}>
        {of.counted.unhealthy === 0
          ? `None of ${counted(judged, 'judged resource')} is open now`
          : `Open on ${count(of.counted.unhealthy)} of ${counted(judged, 'judged resource')}`}
        {of.counted.unknown > 0 ? `; ${count(of.counted.unknown)} could not be judged` : ''}
        {of.gain > 0 ? (
          <>
            . Mending all of it moves the score by <Gain points={of.gain} />
          </>
        ) : null}
        {of.since === undefined || of.since === null ? null : (
          <>
            . The oldest has been open since <Since commit={of.since} />
          </>
        )}
        .
      </p>
      <div className={css.actions}>
        <Button
          disabledFocusable={!mayExempt}
          title={mayExempt ? undefined : 'Your roles do not include exemptions'}
          onClick={() => setExempting(true)}
        >
          Exempt…
        </Button>
        <Link to="/score" search={{ fix: [of.id] }}>
          Add to what-if
        </Link>
        <Link to="/content/checks/$check" params={{ check: of.id }}>
          The check
        </Link>
        <Link to="/inventory" search={{ check: [of.id] }}>
          In the inventory
        </Link>
      </div>
      {isExempting ? (
        <ExemptDialog
          checks={[{ id: of.id, title: of.title }]}
          resources={[]}
          close={() => setExempting(false)}
        />
      ) : null}
    </div>
  )
}

function Why({ of }: { of: Schemas['RecommendationDetail'] }) {
  return (
    <Section title="Why it matters">
      <p className={css.text}>{of.why}</p>
      <Here of={of} />
    </Section>
  )
}

/** What it is worth, what it belongs to, and what it cannot see. */
function Beside({ of }: { of: Schemas['RecommendationDetail'] }) {
  const controlName = useControlName()
  return (
    <>
      {of.counted.unhealthy === 0 ? null : <IfMended check={of.id} />}
      <Section title="Standards">
        <Standards of={of.standards} />
      </Section>
      <Section title="About this check">
        <Facts
          of={[
            [
              'Control',
              <Link key="control" to="/score" search={{ control: of.control }}>
                {controlName(of.control)}
              </Link>,
            ],
            ['Kinds', of.kinds.join(', ')],
            [
              'Techniques',
              of.techniques.length === 0 ? undefined : (
                <Row key="techniques">
                  {of.techniques.map((it) => (
                    <Badge key={it} title="MITRE ATT&CK">
                      {it}
                    </Badge>
                  ))}
                </Row>
              ),
            ],
            ['It cannot see', of.blindSpots],
            ['Status', of.status],
          ]}
        />
        <details>
          <summary className={css.text}>Unhealthy when</summary>
          <Code text={of.unhealthy} what="predicate" />
        </details>
      </Section>
      {of.references.length === 0 ? null : (
        <Section title="Read more">
          <ul className={css.plainList}>
            {of.references.map((it) => (
              <li key={it}>
                <Outside to={it} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}

function IfMended({ check }: { check: string }) {
  const asked = useQuery(whatIfQuery([{ what: check }]))
  return (
    <Section title="If all of it is mended">
      <Shown of={asked} rows={2}>
        {(of) => <WhatIfResult of={of} most={4} />}
      </Shown>
    </Section>
  )
}

function Standards({ of }: { of: Readonly<Record<string, readonly string[]>> }) {
  const standardName = useStandardName()
  const entries = Object.entries(of)
  if (entries.length === 0) return <p className={css.text}>No requirement of a standard is mapped to it.</p>
  return (
    <ul className={css.plainList}>
      {entries.map(([standard, requirements]) => (
        <li key={standard}>
          <span>{standardName(standard)}</span>
          {requirements.map((it) => (
            <Link key={it} to="/compliance/$standard" params={{ standard }} search={{ open: it }}>
              {it}
            </Link>
          ))}
        </li>
      ))}
    </ul>
  )
}
