// The first three steps of the wizard.
import { Checkbox, Field, Input, Radio, RadioGroup, Textarea } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { schemaQuery } from '#/api/queries/query'
import { ConditionField } from '#/components/builder/ConditionField'
import { criticalities, criticalityOf, Criticality } from '#/ui/Criticality'
import css from './critical.module.css'
import type { Draft } from './draft'
import { LooksAt } from './LooksAt'
import { PreviewList } from './PreviewList'
import type { Preview } from './use-preview'
import { assetTypes, assetWords, levelMeans } from './words'

interface StepProps {
  draft: Draft
  set: (change: Partial<Draft>) => void
}

export function Describe({ draft, set }: StepProps) {
  return (
    <div className={css.form}>
      <Field label="Name" required hint="What the assets are, as one would say it: Ledger databases">
        <Input
          value={draft.title}
          maxLength={200}
          autoFocus
          onChange={(_, { value }) => set({ title: value })}
        />
      </Field>
      <Field label="Description" hint="Why they matter: what is lost with them">
        <Textarea
          value={draft.description}
          rows={4}
          maxLength={4000}
          onChange={(_, { value }) => set({ description: value })}
        />
      </Field>
      <Field label="They are">
        <RadioGroup
          layout="horizontal"
          value={draft.assets}
          onChange={(_, { value }) => {
            const assets = assetTypes.find((it) => it === value)
            if (assets !== undefined) set({ assets })
          }}
        >
          {assetTypes.map((it) => (
            <Radio key={it} value={it} label={assetWords[it]} />
          ))}
        </RadioGroup>
      </Field>
    </div>
  )
}

export function Find({ draft, set, preview }: StepProps & { preview: Preview }) {
  const labels = useQuery(schemaQuery).data?.labels
  const label =
    draft.label === '' ? (labels?.find((it) => it.kind === draft.kinds[0])?.label ?? '') : draft.label
  return (
    <div className={css.columns}>
      <div className={css.form}>
        <LooksAt draft={draft} set={set} />
        <ConditionField
          label="It holds when"
          required
          textHint="openCypher over the resource r, such as r.merlon.tags.env = 'prod', or true for all"
          placeholder="r.name STARTS WITH 'ledger'"
          value={draft.where}
          onChange={(where) => set({ where })}
          thing={label}
          lines={5}
          place={preview.place}
        />
      </div>
      <aside aria-label="What it finds">
        <PreviewList of={preview} />
      </aside>
    </div>
  )
}

export function LevelStep({ draft, set, preview }: StepProps & { preview: Preview }) {
  return (
    <div className={css.columns}>
      <div className={css.form}>
        <Field
          label="Level"
          hint="Of several classifications that hold for an asset the highest level counts"
        >
          <RadioGroup
            value={draft.level}
            onChange={(_, { value }) => {
              const level = criticalityOf(value)
              if (level !== undefined) set({ level })
            }}
          >
            {criticalities.map((it) => (
              <Radio
                key={it}
                value={it}
                label={
                  <span className={css.means}>
                    <Criticality value={it} />
                    <span className={css.quiet}>{levelMeans[it]}</span>
                  </span>
                }
              />
            ))}
          </RadioGroup>
        </Field>
        <Checkbox
          checked={draft.review}
          onChange={(_, { checked }) => set({ review: checked === true })}
          label="Only show what it finds for review: it is not sure enough to give the level"
        />
      </div>
      <aside aria-label="What it finds">
        <PreviewList of={preview} />
      </aside>
    </div>
  )
}
