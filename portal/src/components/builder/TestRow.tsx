// One condition on a value: where it is, how it is compared, with what.
import { Input, Select } from '@fluentui/react-components'
import { useEffect, useMemo, useState } from 'react'
import css from './builder.module.css'
import { Choice } from './Choice'
import { daysOf, pathOf, type Scalar, scalar, scalars, type Test, textOf, typed } from './form'
import type { Offered } from './vocabulary'
import { pathOfTitle, titleOf, type Way, wayOf, waysFor } from './words'

const MOST_OPTIONS = 400

export function TestRow(props: {
  test: Test
  change: (test: Test) => void
  offered: readonly Offered[]
  isElement: boolean
}) {
  const { test, change, offered } = props
  const path = textOf(test.path)
  const found = offered.find((it) => it.path === path)
  const types = found?.types ?? []
  const own = wayOf(test)
  const fitting = waysFor(types)
  const options = useMemo(
    () =>
      offered.slice(0, MOST_OPTIONS).map((it) => ({
        value: it.path,
        text: it.path === '' ? 'the element itself' : titleOf(it.path),
        aside: it.types.join(', '),
      })),
    [offered],
  )
  const setPath = (text: string) => {
    const to = pathOf(pathOfTitle(text))
    const next = offered.find((it) => it.path === textOf(to))
    // Another value is compared otherwise; what was compared with does not fit it.
    if (textOf(to) === path) return
    const isBool = next?.types[0] === 'boolean'
    change({ ...test, path: to, of: 'value', op: 'eq', not: false, values: isBool ? [true] : [] })
  }
  const setWay = (key: string) => {
    const way = fitting.find((it) => it.key === key)
    if (way === undefined) return
    change({ ...test, op: way.op, not: way.not, of: way.of, values: valuesFor(way, own, test.values) })
  }
  return (
    <>
      <Choice
        label="Value of"
        value={path === '' ? '' : titleOf(path)}
        placeholder={props.isElement ? 'the element itself' : 'a value'}
        options={options}
        isFree
        width={260}
        choose={setPath}
      />
      <Select
        size="small"
        aria-label="How it is compared"
        value={own.key}
        onChange={(_, { value }) => setWay(value)}
      >
        {fitting.some((it) => it.key === own.key) ? null : <option value={own.key}>{own.label}</option>}
        {fitting.map((it) => (
          <option key={it.key} value={it.key}>
            {it.label}
          </option>
        ))}
      </Select>
      <Values test={test} way={own} types={types} values={found?.values ?? []} change={change} />
      {test.otherwise === undefined ? null : (
        <span className={css.word}>(nothing counts as {JSON.stringify(test.otherwise)})</span>
      )}
    </>
  )
}

/** What stays of the values when it is compared in another way. */
function valuesFor(to: Way, from: Way, values: readonly Scalar[]): Scalar[] {
  if (to.takes === 'none') return []
  if (to.takes === 'period') return [to.to === 'ahead' ? { ahead: 'P30D' } : { ago: 'P90D' }]
  if (from.takes === 'period') return []
  return to.takes === 'one' ? values.slice(0, 1) : [...values]
}

function Values(props: {
  test: Test
  way: Way
  types: readonly string[]
  values: readonly (string | number | boolean)[]
  change: (test: Test) => void
}) {
  const { test, way, types, values, change } = props
  const [first] = test.values
  const options = useMemo(
    () => values.map((it) => ({ value: String(it), text: String(it), aside: '' })),
    [values],
  )
  if (way.takes === 'none') return null
  if (way.takes === 'period') {
    return (
      <Period
        text={typed(first)}
        change={(text) => change({ ...test, values: [way.to === 'ahead' ? { ahead: text } : { ago: text }] })}
      />
    )
  }
  if (way.takes === 'many') {
    return (
      <Choice
        label="Values, with commas between"
        value={test.values.map(typed).join(', ')}
        placeholder="values, with commas"
        options={options}
        isFree
        adds
        width={220}
        choose={(text) => change({ ...test, values: scalars(text, types) })}
      />
    )
  }
  if (types[0] === 'boolean' && (typeof first === 'boolean' || first === undefined)) {
    return (
      <Select
        size="small"
        aria-label="Value"
        value={first === undefined ? '' : String(first)}
        onChange={(_, { value }) => change({ ...test, values: [value === 'true'] })}
      >
        {first === undefined ? <option value="">…</option> : null}
        <option value="true">true</option>
        <option value="false">false</option>
      </Select>
    )
  }
  const isNumber = way.of === 'size' || typeof first === 'number'
  return (
    <Choice
      label="Value"
      value={typed(first)}
      placeholder="a value"
      options={options}
      isFree
      width={180}
      choose={(text) =>
        change({ ...test, values: text === '' ? [] : [scalar(text, isNumber ? ['number'] : types)] })
      }
    />
  )
}

/** A number of days; another period in the words of ISO 8601. */
function Period({ text, change }: { text: string; change: (text: string) => void }) {
  const days = daysOf(text)
  const [draft, setDraft] = useState(days === undefined ? text : String(days))
  useEffect(() => setDraft(days === undefined ? text : String(days)), [days, text])
  const isDays = days !== undefined
  return (
    <>
      <Input
        size="small"
        aria-label={isDays ? 'Days' : 'Period'}
        type={isDays ? 'number' : 'text'}
        min={0}
        style={{ width: 90 }}
        value={draft}
        onChange={(_, { value }) => {
          setDraft(value)
          if (!isDays) change(value)
          else if (/^\d+$/.test(value)) change(`P${value}D`)
        }}
      />
      {isDays ? <span className={css.word}>days</span> : null}
    </>
  )
}
