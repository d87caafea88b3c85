// A field for one resource: found by words, or named by its id.
import { Combobox, Option } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { resourcePage } from '#/api/queries/resources'

/** Milliseconds without a key after which the list follows. */
const PAUSE = 150

/** `choose` gets the id. Enter takes what was typed when nothing of the list is chosen. */
export function ResourceField(props: {
  label: string
  placeholder: string
  value: string | undefined
  choose: (id: string | undefined) => void
}) {
  const { value = '', choose } = props
  const [words, setWords] = useState(value)
  const [asked, ask] = useState('')
  useEffect(() => setWords(value), [value])
  useEffect(() => {
    const timer = setTimeout(() => ask(words === value ? '' : words.trim()), PAUSE)
    return () => clearTimeout(timer)
  }, [words, value])
  const found = useQuery({
    queryKey: ['find_resource', asked],
    queryFn: ({ signal }) => resourcePage({ q: asked }, undefined, 8, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
  })
  const items = asked === '' ? [] : (found.data?.items ?? [])
  return (
    <Combobox
      freeform
      style={{ minWidth: 240 }}
      aria-label={props.label}
      placeholder={props.placeholder}
      title={value}
      value={words}
      selectedOptions={[]}
      onChange={(event) => setWords(event.currentTarget.value)}
      onOptionSelect={(_, { optionValue }) => {
        if (optionValue !== undefined) choose(optionValue)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && items.length === 0 && words.trim() !== value) {
          choose(words.trim() === '' ? undefined : words.trim())
        }
      }}
    >
      {items.map((it) => (
        <Option key={it.id} value={it.id} text={it.id}>
          <span>
            {it.name === '' ? it.id : it.name}{' '}
            <span style={{ color: 'var(--colorNeutralForeground3)', fontSize: 12 }}>
              {it.kindTitle ?? it.kind}
            </span>
          </span>
        </Option>
      ))}
    </Combobox>
  )
}
