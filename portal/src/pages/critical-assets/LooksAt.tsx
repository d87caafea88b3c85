// What a classification looks at: kinds of resources, or one label that kinds of several clouds share.
import { Combobox, Field, Option, OptionGroup } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { kindsQuery } from '#/api/queries/resources'
import { DismissRegular } from '#/ui/icons'
import chips from '#/ui/chips.module.css'
import type { Draft } from './draft'

/** Options that are listed at once; typing finds the others. */
const MOST = 40

export function LooksAt({ draft, set }: { draft: Draft; set: (change: Partial<Draft>) => void }) {
  const kinds = useQuery(kindsQuery).data
  const [words, setWords] = useState('')
  const labels = useMemo(
    () => [...new Set((kinds ?? []).flatMap((it) => it.labels))].sort((a, b) => a.localeCompare(b)),
    [kinds],
  )
  const fits = (text: string) =>
    words
      .toLowerCase()
      .split(/\s+/)
      .every((it) => text.toLowerCase().includes(it))
  const foundLabels = labels.filter((it) => fits(it)).slice(0, MOST)
  const foundKinds = (kinds ?? [])
    .filter((it) => !draft.kinds.includes(it.id) && fits(`${it.title} ${it.id}`))
    .sort((a, b) => a.id.localeCompare(b.id))
    .slice(0, MOST)
  const choose = (value: string) => {
    const [what, name = ''] = value.split(' ', 2)
    if (what === 'label') set({ label: name, kinds: [] })
    else set({ kinds: [...draft.kinds, name], label: '' })
    setWords('')
  }
  const chosen = [
    ...(draft.label === ''
      ? []
      : [{ id: draft.label, text: `every :${draft.label}`, remove: () => set({ label: '' }) }]),
    ...draft.kinds.map((id) => ({
      id,
      text: kinds?.find((it) => it.id === id)?.title ?? id,
      remove: () => set({ kinds: draft.kinds.filter((it) => it !== id) }),
    })),
  ]
  return (
    <Field label="It looks at" required hint="Kinds of resources, or one label across clouds">
      <div>
        {chosen.length === 0 ? null : (
          <ul className={chips.chips} aria-label="Chosen" style={{ marginBottom: 8 }}>
            {chosen.map((it) => (
              <li key={it.id} className={chips.chip} title={it.id}>
                <span className={chips.label}>{it.text}</span>
                <button
                  type="button"
                  className={chips.remove}
                  aria-label={`Remove ${it.text}`}
                  onClick={it.remove}
                >
                  <DismissRegular aria-hidden="true" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <Combobox
          freeform
          style={{ width: '100%' }}
          aria-label="It looks at"
          placeholder="Words of a kind or label: bucket, Database"
          value={words}
          selectedOptions={[]}
          onChange={(event) => setWords(event.currentTarget.value)}
          onOptionSelect={(_, { optionValue }) => {
            if (optionValue !== undefined) choose(optionValue)
          }}
        >
          {foundLabels.length === 0 ? null : (
            <OptionGroup label="Labels across clouds">
              {foundLabels.map((it) => (
                <Option key={it} value={`label ${it}`} text={it}>
                  :{it}
                </Option>
              ))}
            </OptionGroup>
          )}
          {foundKinds.length === 0 ? null : (
            <OptionGroup label="Kinds">
              {foundKinds.map((it) => (
                <Option key={it.id} value={`kind ${it.id}`} text={it.title}>
                  <span>
                    {it.title}{' '}
                    <span style={{ color: 'var(--colorNeutralForeground3)', fontSize: 12 }}>{it.id}</span>
                  </span>
                </Option>
              ))}
            </OptionGroup>
          )}
        </Combobox>
      </div>
    </Field>
  )
}
