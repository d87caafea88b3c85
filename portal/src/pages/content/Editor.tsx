// The form of a check, its problems where they are, and beside it what it would find.
import { Field, Input, Select, Textarea } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { controlsQuery } from '#/api/queries/posture'
import { schemaQuery } from '#/api/queries/query'
import { kindsQuery } from '#/api/queries/resources'
import { ConditionField } from '#/components/builder/ConditionField'
import { severities, severityWord } from '#/ui/Severity'
import css from './content.module.css'
import { type Draft, idOf, type Place, slugOf } from './draft'
import { Publish } from './Publish'
import { Try } from './Try'
import { useTrial } from './use-trial'

interface EditorProps {
  begin: Draft
  /** Whether it is another version of a check of one's own: its id stays. */
  edits: boolean
}

export function Editor({ begin, edits }: EditorProps) {
  const [draft, setDraft] = useState(begin)
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const trial = useTrial(draft)
  const place = trial.place
  // Rows are text a moment after they were edited: what is published before would be the text that was there.
  const [writing, setWriting] = useState<Readonly<Record<string, boolean>>>({})
  const onWriting = useCallback(
    (field: string, is: boolean) => setWriting((before) => ({ ...before, [field]: is })),
    [],
  )
  const isWriting = Object.values(writing).includes(true)
  return (
    <div className={css.columns}>
      <div className={css.form}>
        <What draft={draft} set={set} edits={edits} />
        <Rule draft={draft} set={set} place={place} onWriting={onWriting} />
        <Words draft={draft} set={set} />
      </div>
      <aside className={css.preview} aria-label="What it would find">
        <Try trial={trial} draft={draft} />
        <Publish draft={draft} trial={trial} edits={edits} isWriting={isWriting} />
      </aside>
    </div>
  )
}

interface PartProps {
  draft: Draft
  set: (change: Partial<Draft>) => void
}

function What({ draft, set, edits }: PartProps & { edits: boolean }) {
  return (
    <>
      <Field
        label="Name of the problem"
        required
        hint={idOf(draft) === 'own.' ? 'Its id is made from it' : `Its id: ${idOf(draft)}`}
      >
        <Input
          value={draft.title}
          placeholder="A bucket with labels is open to everybody"
          onChange={(_, { value }) => set({ title: value })}
        />
      </Field>
      <div className={css.two}>
        <KindField draft={draft} set={set} />
        <Field label="Severity">
          <Select
            value={draft.severity}
            onChange={(_, { value }) => {
              const severity = severities.find((it) => it === value)
              if (severity !== undefined) set({ severity })
            }}
          >
            {severities.map((it) => (
              <option key={it} value={it}>
                {severityWord(it)}
              </option>
            ))}
          </Select>
        </Field>
        <ControlField draft={draft} set={set} />
        {edits ? null : (
          <Field label="Id" hint="After own.; made from the name when it is empty">
            <Input
              value={draft.slug}
              placeholder={slugOf(draft.title)}
              onChange={(_, { value }) =>
                set({ slug: slugOf(value) || value.toLowerCase().replaceAll(' ', '-') })
              }
            />
          </Field>
        )}
      </div>
    </>
  )
}

function KindField({ draft, set }: PartProps) {
  const { data: kinds } = useQuery(kindsQuery)
  const sorted = useMemo(() => [...(kinds ?? [])].sort((a, b) => a.id.localeCompare(b.id)), [kinds])
  return (
    <Field label="Kind of resource" required>
      <Select value={draft.kind} onChange={(_, { value }) => set({ kind: value })}>
        <option value="">Choose a kind</option>
        {sorted.map((it) => (
          <option key={it.id} value={it.id}>
            {`${it.title} (${it.id})`}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function ControlField({ draft, set }: PartProps) {
  const controls = useQuery(controlsQuery).data ?? []
  return (
    <Field label="Control" required hint="The group that it is worth points in">
      <Select value={draft.control} onChange={(_, { value }) => set({ control: value })}>
        <option value="">Choose a control</option>
        {controls.map((it) => (
          <option key={it.id} value={it.id}>
            {it.title}
          </option>
        ))}
      </Select>
    </Field>
  )
}

/** The predicates, with problems at their place. */
function Rule(
  props: PartProps & { place: Place | undefined; onWriting: (field: string, is: boolean) => void },
) {
  const { draft, set, place, onWriting } = props
  const thing = useQuery(schemaQuery).data?.labels.find((it) => it.kind === draft.kind)?.label ?? ''
  const problem = (field: Place['field']) => (place?.field === field ? place : undefined)
  return (
    <>
      <ConditionField
        label="Unhealthy when"
        required
        textHint="openCypher over the resource r, such as r.PubliclyAccessible = true"
        value={draft.unhealthy}
        thing={thing}
        lines={4}
        without=""
        place={problem('unhealthy')}
        onChange={(unhealthy) => set({ unhealthy })}
        onWriting={(is) => onWriting('unhealthy', is)}
      />
      <ConditionField
        label="It applies when"
        hint="Empty: to every resource of the kind"
        textHint="openCypher over the resource r"
        value={draft.applies}
        thing={thing}
        lines={1}
        without=""
        place={problem('applies')}
        onChange={(applies) => set({ applies })}
        onWriting={(is) => onWriting('applies', is)}
      />
      <Field label="Evidence" hint="Paths of the document that prove it, a line each">
        <Textarea
          className={css.predicate ?? ''}
          value={draft.evidence}
          rows={2}
          onChange={(_, { value }) => set({ evidence: value })}
        />
      </Field>
    </>
  )
}

function Words({ draft, set }: PartProps) {
  return (
    <>
      <Field label="Why it matters" required hint="What an attacker or an accident does with it">
        <Textarea value={draft.why} onChange={(_, { value }) => set({ why: value })} />
      </Field>
      <div className={css.two}>
        <Field label="How to mend it" hint="Steps, a line each">
          <Textarea value={draft.steps} rows={3} onChange={(_, { value }) => set({ steps: value })} />
        </Field>
        <Field label="Commands" hint="A line each; {id}, {name}, {region} are filled in">
          <Textarea
            className={css.predicate ?? ''}
            value={draft.cli}
            rows={3}
            onChange={(_, { value }) => set({ cli: value })}
          />
        </Field>
        <Field label="What it cannot see" hint="Empty: nothing">
          <Textarea value={draft.blindSpots} onChange={(_, { value }) => set({ blindSpots: value })} />
        </Field>
        <Field
          label="Written down at"
          hint="The address of the standard, decision or documentation behind it"
        >
          <Input
            type="url"
            value={draft.reference}
            placeholder="https://"
            onChange={(_, { value }) => set({ reference: value })}
          />
        </Field>
      </div>
    </>
  )
}
