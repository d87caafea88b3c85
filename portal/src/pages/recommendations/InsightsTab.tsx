// What is known of an affected resource beside the problem: how exposed, how critical, on which paths, and for whom it is open.
import { Select } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Schemas } from '#/api/client'
import { assessmentQuery, resourceQuery } from '#/api/queries/resources'
import { exposureQuery, rightsQuery } from '#/api/queries/rights'
import { OpenCounts, Tags } from '#/components/marks'
import { RiskLevel, riskSentence } from '#/components/Risk'
import { ResourceLink } from '#/components/ResourceLink'
import { Crown } from '#/components/Crown'
import { nameOf } from '#/pages/attack-paths/words'
import { actionsOn, wordsOfAction } from '#/pages/identities/actions'
import { BothWays } from '#/pages/inventory/Ways'
import { Link } from '#/ui/Link'
import { Badge, Facts, Section } from '#/ui/parts'
import { Shown } from '#/ui/states'
import { counted } from '#/util/format'
import css from './recommendations.module.css'

export function InsightsTab({ id, check }: { id: string; check: string }) {
  const asked = useQuery(resourceQuery(id))
  return (
    <Shown of={asked}>
      {(of) => (
        <div className={css.insights}>
          <RiskHere check={check} id={of.id} />
          <Exposure id={of.id} />
          <Worth of={of} />
          <BothWays id={of.id} />
          <Access key={of.id} id={of.id} />
        </div>
      )}
    </Shown>
  )
}

/** How urgent this problem is on this resource, and why. */
function RiskHere({ check, id }: { check: string; id: string }) {
  const asked = useQuery(assessmentQuery(id, check))
  return (
    <Section title="Risk here">
      <Shown of={asked} rows={2}>
        {(of) =>
          of.risk === undefined || of.risk === null ? (
            <p className={css.text}>It is not open here.</p>
          ) : (
            <>
              <RiskLevel of={of.risk} />
              <p className={css.text}>{riskSentence(of.risk, of.severity)}</p>
            </>
          )
        }
      </Shown>
    </Section>
  )
}

const widths: Record<string, ReactNode> = {
  wide: 'from anywhere',
  narrow: 'from some ranges',
  trusted: 'from trusted ranges only',
}

function Exposure({ id }: { id: string }) {
  const asked = useQuery(exposureQuery)
  return (
    <Section title="Exposure">
      <Shown of={asked} rows={2}>
        {({ items }) => {
          const found = items.find((it) => it.id === id)
          return (
            <>
              <p className={css.text}>
                {found === undefined ? (
                  'It has no end point in a network that packets from the internet reach. What a cloud serves by itself, such as a store, is open to whom its policies let in.'
                ) : found.answer === 'yes' ? (
                  <>
                    Packets from the internet reach it at {found.ports}
                    {typeof found.width === 'string' && found.width in widths ? (
                      <>, {widths[found.width]}</>
                    ) : null}
                    .
                  </>
                ) : (
                  `It is not known whether packets from the internet reach it${found.ports === '' ? '' : ` at ${found.ports}`}.`
                )}
              </p>
              {found === undefined ? null : (
                <Link to="/network" search={{ from: 'internet', to: id }}>
                  Why
                </Link>
              )}
            </>
          )
        }}
      </Shown>
    </Section>
  )
}

function Worth({ of }: { of: Schemas['ResourceDetail'] }) {
  const isCritical = typeof of.criticality === 'string'
  return (
    <Section title="What it is worth">
      <Facts
        of={[
          ['Criticality', isCritical ? <Crown key="crown" of={of} link /> : 'No classification holds for it'],
          ['Also open', <OpenCounts key="open" counts={of.open} />],
          ['Tags', Object.keys(of.tags).length === 0 ? undefined : <Tags key="tags" tags={of.tags} />],
        ]}
      />
      <p className={css.text}>
        <ResourceLink id={of.id} name={of.name} kind={of.kind} />
        {isCritical ? null : (
          <>
            {' '}
            ·{' '}
            <Link to="/critical-assets/write" search={{ kind: of.kind }}>
              Say that such assets are critical
            </Link>
          </>
        )}
      </p>
    </Section>
  )
}

/** Identities that are named; the page of identities has all, with their reasons. */
const NAMED = 10

function Access({ id }: { id: string }) {
  const actions = actionsOn(id)
  const [action, choose] = useState(actions[0] ?? '')
  const asked = useQuery({ ...rightsQuery({ what: id, action }), retry: false })
  return (
    <Section
      title="Who has access"
      actions={
        <Select size="small" aria-label="Action" value={action} onChange={(_, { value }) => choose(value)}>
          {actions.map((it) => (
            <option key={it} value={it}>
              {wordsOfAction(it) === '' ? it : `${wordsOfAction(it)}: ${it}`}
            </option>
          ))}
        </Select>
      }
    >
      <Shown of={asked} rows={3}>
        {({ decisions }) => {
          const able = decisions.filter((it) => it.answer !== 'denied')
          const unknown = able.filter((it) => it.answer === 'unknown').length
          return (
            <>
              <p className={css.text}>
                {able.length === 0
                  ? `Nobody may do ${action}.`
                  : `${counted(able.length - unknown, 'identity', 'identities')} may do ${action}${
                      unknown === 0 ? '' : `; of ${counted(unknown, 'more', 'more')} it is not known`
                    }.`}
              </p>
              <ul className={css.plainList}>
                {able.slice(0, NAMED).map((it) => (
                  <li key={it.who}>
                    <Link to="/identities" search={{ who: it.who, what: id, action }} title={it.who}>
                      {it.who === '*' ? 'Anybody' : nameOf({ id: it.who, name: '' })}
                    </Link>
                    {it.answer === 'unknown' ? <Badge>not known</Badge> : null}
                  </li>
                ))}
              </ul>
              <Link to="/identities" search={{ what: id, action }}>
                {able.length > NAMED ? `All ${able.length}, with their reasons` : 'With their reasons'}
              </Link>
            </>
          )
        }}
      </Shown>
    </Section>
  )
}
