// Where somebody says of ticked assets whether they are critical, and why: a strip in the list, which stays in sight.
import { Button, Input, Select } from '@fluentui/react-components'
import { type FormEvent, type KeyboardEvent, useId, useState } from 'react'
import type { CriticalAsset } from '#/api/queries/critical'
import { criticalities, criticalityOf, criticalityWord } from '#/ui/Criticality'
import { counted } from '#/util/format'
import css from './critical.module.css'
import { useDecide } from './use-decide'

export interface Deciding {
  decision: 'critical' | 'notCritical'
  assets: readonly CriticalAsset[]
}

/** Open as long as it is drawn. `done`: it counts, or will; `close`: nobody decides now. */
export function DecideBar({ of, close, done }: { of: Deciding; close: () => void; done: () => void }) {
  const [level, setLevel] = useState('')
  const [reason, setReason] = useState('')
  const title = useId()
  const decide = useDecide(done)
  const [first] = of.assets
  const who =
    of.assets.length === 1 && first !== undefined
      ? first.name || first.id
      : counted(of.assets.length, 'asset')
  const isCritical = of.decision === 'critical'
  const isReady = reason.trim() !== '' && !decide.isPending
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isReady) return
    const chosen = criticalityOf(level)
    const items = of.assets.map(({ id, classifications }) => ({ asset: id, classifications }))
    decide.mutate({
      on: {
        items,
        decision: of.decision,
        reason: reason.trim(),
        ...(isCritical && chosen !== undefined ? { level: chosen } : {}),
      },
      before: of.assets,
    })
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    close()
  }
  return (
    <form className={css.decide} aria-labelledby={title} onSubmit={submit} onKeyDown={onKey}>
      <span id={title} className={css.decideTitle} title={who}>
        {isCritical ? 'Mark as critical' : 'Not critical'}: {who}
      </span>
      {isCritical ? (
        <Select aria-label="Level" size="small" value={level} onChange={(_, { value }) => setLevel(value)}>
          <option value="">Level of the classification</option>
          {criticalities.map((it) => (
            <option key={it} value={it}>
              {criticalityWord(it)}
            </option>
          ))}
        </Select>
      ) : null}
      <Input
        className={css.decideReason ?? ''}
        size="small"
        autoFocus
        required
        maxLength={2000}
        aria-label="Why"
        placeholder={isCritical ? 'Why it matters' : 'Why it does not matter'}
        value={reason}
        onChange={(_, { value }) => setReason(value)}
      />
      <Button type="submit" size="small" appearance="primary" disabledFocusable={!isReady}>
        {decide.isPending ? 'Deciding' : isCritical ? 'Mark as critical' : 'Not critical'}
      </Button>
      <Button size="small" onClick={close}>
        Cancel
      </Button>
    </form>
  )
}
