// The resources that it is about, the evidence of the one that is chosen, and how to mend that one.
import { Button, Tab, TabList } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { assessmentPage, assessmentsQuery } from '#/api/queries/posture'
import { assessmentQuery } from '#/api/queries/resources'
import { ExemptDialog } from '#/components/exempt/ExemptDialog'
import type { Named } from '#/components/exempt/wish'
import { useScopeName } from '#/components/names'
import { Proven } from '#/components/Proven'
import { riskSentence } from '#/components/Risk'
import { ResourceLink } from '#/components/ResourceLink'
import { Since } from '#/components/Since'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { Link } from '#/ui/Link'
import { Code, Section, Steps } from '#/ui/parts'
import { Verdict } from '#/ui/Severity'
import { EmptyState, Shown } from '#/ui/states'
import { count } from '#/util/format'
import { affectedColumns } from './affected-columns'
import { filled } from './fill'
import css from './recommendations.module.css'

interface AffectedProps {
  of: Schemas['RecommendationDetail']
  resource: string | undefined
  pick: (resource: string) => void
}

const verdicts = ['unhealthy', 'unknown', 'healthy', 'notApplicable'] as const
type Which = (typeof verdicts)[number]

export function Affected({ of, resource, pick }: AffectedProps) {
  const [which, setWhich] = useState<Which>(of.judged.unhealthy > 0 ? 'unhealthy' : 'unknown')
  const filter = { check: [of.id], verdict: [which] }
  const { data } = useQuery(assessmentsQuery(filter))
  const chosen = resource ?? data?.items[0]?.resource.id
  const subject = data?.items.find((it) => it.resource.id === chosen)?.resource
  return (
    <>
      {chosen === undefined ? null : <Proof of={of} resource={chosen} />}
      <Mend of={of} subject={subject} />
      <Section title="Affected resources">
        <TabList
          className={css.tabs ?? ''}
          size="small"
          selectedValue={which}
          onTabSelect={(_, { value }) => {
            const found = verdicts.find((it) => it === value)
            if (found !== undefined) setWhich(found)
          }}
        >
          {verdicts.map((it) => (
            <Tab key={it} value={it}>
              <Verdict value={it} />
              &nbsp;{count(of.judged[it])}
            </Tab>
          ))}
        </TabList>
        <List of={of} which={which} chosen={chosen} pick={pick} />
      </Section>
    </>
  )
}

/** The evidence of one assessment. */
function Proof({ of, resource }: { of: Schemas['RecommendationDetail']; resource: string }) {
  const asked = useQuery(assessmentQuery(resource, of.id))
  return (
    <Section
      title="Evidence"
      aside={
        asked.data === undefined ? null : (
          <>
            on <ResourceLink {...asked.data.resource} /> · {asked.data.verdict} since{' '}
            <Since commit={asked.data.since} />
          </>
        )
      }
    >
      {asked.data?.risk === undefined || asked.data.risk === null ? null : (
        <p className={css.text}>{riskSentence(asked.data.risk, of.severity)}</p>
      )}
      <Shown of={asked} rows={3}>
        {(found) =>
          found.verdict === 'unknown' ? (
            <p className={css.text}>
              It could not be judged: {found.why ?? 'something that it needs was not collected'}.{' '}
              <Link to="/inventory/$id" params={{ id: resource }}>
                The resource
              </Link>
            </p>
          ) : (
            <Proven of={found} judged={resource} unhealthy={of.unhealthy} />
          )
        }
      </Shown>
    </Section>
  )
}

/** Steps and commands, with the ids of the chosen resource in them. */
function Mend({
  of,
  subject,
}: {
  of: Schemas['RecommendationDetail']
  subject: Schemas['Resource'] | undefined
}) {
  const commands = of.cli.map((it) => (subject === undefined ? it : filled(it, subject)))
  return (
    <Section
      title="How to mend it"
      aside={subject === undefined || commands.length === 0 ? undefined : `commands for ${subject.name}`}
    >
      <Steps of={of.steps} />
      {commands.map((it) => (
        <Code key={it} text={it} what="command" />
      ))}
    </Section>
  )
}

function List({
  of,
  which,
  chosen,
  pick,
}: {
  of: Schemas['RecommendationDetail']
  which: Which
  chosen: string | undefined
  pick: (resource: string) => void
}) {
  const filter = { check: [of.id], verdict: [which] }
  const source = useKeyset<Schemas['Faceted_Assessment']>({
    key: ['list_assessments', filter],
    page: (cursor, limit, signal) => assessmentPage(filter, cursor, limit, signal),
  })
  const [ticked, tick] = useState<ReadonlySet<string>>(new Set())
  const [exempting, setExempting] = useState<readonly Named[]>()
  const scopeName = useScopeName()
  const columns = useMemo(() => affectedColumns(scopeName), [scopeName])
  const mayExempt = of.can.includes('exemption.write')
  const name = (id: string) => source.first?.items.find((it) => it.resource.id === id)?.resource.name ?? id
  return (
    <>
      <Table
        name="affected"
        label="Affected resources"
        noun={['resource', 'resources']}
        columns={columns}
        source={source}
        id={(it) => it.resource.id}
        opened={chosen}
        onOpen={(it) => pick(it.resource.id)}
        rows={8}
        {...(which === 'unhealthy' ? { selected: ticked, onSelect: tick } : {})}
        download={{ path: '/api/v1/assessments', query: filter, file: `${of.id}-${which}` }}
        tools={
          ticked.size === 0 ? null : (
            <Button
              size="small"
              disabledFocusable={!mayExempt}
              onClick={() => setExempting([...ticked].map((id) => ({ id, name: name(id) })))}
            >
              Exempt {count(ticked.size)}…
            </Button>
          )
        }
        empty={<EmptyState title="None">No resource has this verdict now.</EmptyState>}
      />
      {exempting === undefined ? null : (
        <ExemptDialog
          checks={[{ id: of.id, title: of.title }]}
          resources={exempting}
          close={() => setExempting(undefined)}
          done={() => tick(new Set())}
        />
      )}
    </>
  )
}
