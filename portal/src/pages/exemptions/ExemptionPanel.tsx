// One exemption: what was decided, what counts otherwise because of it, and how to end it.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Schemas } from '#/api/client'
import { checksQuery } from '#/api/queries/content'
import { type AssessmentFilter, assessmentPage, endExemption } from '#/api/queries/posture'
import { ResourceLink } from '#/components/ResourceLink'
import type { Column } from '#/table/columns'
import { useKeyset } from '#/table/source'
import { Table } from '#/table/Table'
import { notify, notifyError } from '#/ui/notify'
import { Facts, Outside, Section } from '#/ui/parts'
import { Verdict } from '#/ui/Severity'
import { SidePanel } from '#/ui/SidePanel'
import { Time } from '#/ui/Time'
import { counted, date } from '#/util/format'
import css from './exemptions.module.css'
import { placeOf, targetOf } from './lines'
import type { ExemptionState } from './search'
import { Target, Where } from './words'

export function ExemptionPanel(props: {
  of: Schemas['Exemption']
  state: ExemptionState
  close: () => void
}) {
  const { of, state, close } = props
  return (
    <SidePanel title={<Target of={of.target} />} subtitle={`Exemption ${of.number}`} close={close}>
      <div className={css.panel}>
        <p className={css.lead}>
          {state === 'ended' ? 'It has ended and no longer counts.' : null}
          {state !== 'ended' && (of.until === undefined || of.until === null)
            ? 'It counts until somebody ends it.'
            : null}
          {state !== 'ended' && of.until !== undefined && of.until !== null ? (
            <>
              It ends by itself on {date(of.until)} (<Time at={of.until} />
              ).
            </>
          ) : null}
        </p>
        <Facts
          of={[
            ['Where', <Where key="where" of={of.place} />],
            [
              'Counts as',
              of.category === 'waiver'
                ? 'Waiver: the assessment leaves the calculation'
                : 'Mitigated: unhealthy counts as healthy',
            ],
            ['Why', of.reason],
            ['Decided by', of.approver],
            ['Since', <Time key="from" at={of.from} />],
            [
              'Evidence',
              of.evidence.length === 0
                ? undefined
                : of.evidence.map((it) => (
                    <div key={it}>
                      <Outside to={it} />
                    </div>
                  )),
            ],
          ]}
        />
        {state === 'ended' ? null : <End of={of} close={close} />}
        {state === 'ended' ? null : <Under of={of} />}
      </div>
    </SidePanel>
  )
}

function End({ of, close }: { of: Schemas['Exemption']; close: () => void }) {
  const [isAsking, ask] = useState(false)
  const client = useQueryClient()
  const may = of.can.includes('exemption.write')
  const end = useMutation({
    mutationFn: () => endExemption(of.number),
    onSuccess: (made) => {
      notify({
        intent: 'success',
        title: 'The exemption has ended',
        detail:
          'assessments' in made
            ? `${counted(made.assessments, 'assessment')} ${made.assessments === 1 ? 'counts' : 'count'} as judged again.`
            : 'The score follows as soon as its job is done.',
      })
      close()
    },
    onError: notifyError,
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <div>
      <Button
        disabledFocusable={!may || end.isPending}
        title={may ? undefined : 'Your roles do not include exemptions'}
        onClick={() => ask(true)}
      >
        End it now…
      </Button>
      <Dialog open={isAsking} onOpenChange={(_, { open }) => ask(open)}>
        <DialogSurface>
          <DialogBody>
            <DialogTitle>End this exemption now?</DialogTitle>
            <DialogContent>
              What it covers counts as judged again at once, in the score and in all standards. The exemption
              stays in the list as ended.
            </DialogContent>
            <DialogActions>
              <Button onClick={() => ask(false)}>Keep it</Button>
              <Button
                appearance="primary"
                onClick={() => {
                  ask(false)
                  end.mutate()
                }}
              >
                End it
              </Button>
            </DialogActions>
          </DialogBody>
        </DialogSurface>
      </Dialog>
    </div>
  )
}

/** The assessments that count otherwise under it. */
function Under({ of }: { of: Schemas['Exemption'] }) {
  const checks = useQuery(checksQuery).data
  const { check, control } = targetOf(of.target)
  const { resource, scope } = placeOf(of.place)
  const ids =
    check !== undefined
      ? [check]
      : control === undefined
        ? undefined
        : checks?.filter((it) => it.control === control).map((it) => it.id)
  const filter: AssessmentFilter = {
    exempt: true,
    ...(ids === undefined ? {} : { check: ids }),
    ...(resource === undefined ? {} : { resource: [resource] }),
    ...(scope === undefined ? {} : { scope: [scope] }),
  }
  const source = useKeyset<Schemas['Faceted_Assessment']>({
    key: ['list_assessments', filter],
    page: (cursor, limit, signal) => assessmentPage(filter, cursor, limit, signal),
  })
  const columns = useMemo<readonly Column<Schemas['Assessment']>[]>(
    () => [
      {
        key: 'resource',
        title: 'Resource',
        width: 180,
        grow: true,
        card: 'title',
        cell: (it) => <ResourceLink id={it.resource.id} name={it.resource.name} kind={it.resource.kind} />,
      },
      {
        key: 'judged',
        title: 'Judged',
        width: 112,
        card: 'line',
        cell: (it) => <Verdict value={it.verdict} />,
      },
      {
        key: 'counts',
        title: 'Counts as',
        width: 132,
        card: 'mark',
        cell: (it) =>
          it.countsAs === undefined || it.countsAs === null ? 'not at all' : <Verdict value={it.countsAs} />,
      },
    ],
    [],
  )
  return (
    <Section title="What counts otherwise" aside="As of now; what comes later into its place is covered, too">
      <Table
        name="exempted"
        label="Assessments that count otherwise"
        noun={['assessment', 'assessments']}
        columns={columns}
        source={source}
        id={(it) => `${it.check} ${it.resource.id}`}
        rows={8}
      />
    </Section>
  )
}
