// A field for one resource: found by words, or named by its id. What is chosen stands there by its name.
import { Combobox, Option } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { resourcePage, resourceQuery } from '#/api/queries/resources'
import { useScopeName } from './names'

/** Milliseconds without a key after which the list follows. */
const PAUSE = 150

interface Choice {
  id: string
  name: string
  /** What it is and where it lies. */
  says: string
}

/** What packets come from that are of no resource. */
export const theInternet: Choice = { id: 'internet', name: 'The internet', says: 'anybody' }

/**
 * `choose` gets the id. Enter takes what was typed when nothing of the list is chosen, and so does leaving the field. `also` can be
 * chosen beside resources, and is offered before anything is typed.
 */
export function ResourceField(props: {
  label: string
  placeholder: string
  value: string | undefined
  choose: (id: string | undefined) => void
  also?: readonly Choice[]
}) {
  const { value = '', choose, also = [] } = props
  const name = useNameOf(value, also)
  const scopeName = useScopeName()
  const [words, setWords] = useState(name)
  const [asked, ask] = useState('')
  useEffect(() => setWords(name), [name])
  useEffect(() => {
    const timer = setTimeout(() => ask(words === name ? '' : words.trim()), PAUSE)
    return () => clearTimeout(timer)
  }, [words, name])
  const found = useQuery({
    queryKey: ['find_resource', asked],
    queryFn: ({ signal }) => resourcePage({ q: asked }, undefined, 8, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
  })
  const typed = words === name ? '' : words.trim().toLowerCase()
  const resources = asked === '' ? [] : (found.data?.items ?? [])
  const items: Choice[] = [
    ...also.filter((it) => it.id !== value && it.name.toLowerCase().includes(typed)),
    ...byName(
      resources.map((it) => ({
        id: it.id,
        name: it.name === '' ? it.id : it.name,
        says: `${it.kindTitle ?? it.kind}, ${scopeName(it.scope)}`,
      })),
      typed,
    ),
  ]
  const isTyped = words !== name && words.trim() !== value
  const take = () => {
    if (!isTyped) return
    const same = items.filter((it) => it.name.toLowerCase() === typed)
    choose(words.trim() === '' ? undefined : ((same.length === 1 ? same[0]?.id : undefined) ?? words.trim()))
  }
  return (
    <Combobox
      freeform
      style={{ minWidth: 0, width: '100%' }}
      input={{ style: { minWidth: 0 } }}
      aria-label={props.label}
      placeholder={props.placeholder}
      title={value}
      value={words}
      selectedOptions={[]}
      onChange={(event) => setWords(event.currentTarget.value)}
      onOptionSelect={(_, { optionValue }) => {
        if (optionValue === undefined) return
        setWords(name)
        if (optionValue !== value) choose(optionValue)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && items.length === 0) take()
      }}
      onBlur={take}
    >
      {items.map((it) => (
        <Option key={it.id} value={it.id} text={it.name}>
          <span title={it.id}>
            {it.name} <span style={{ color: 'var(--colorNeutralForeground3)', fontSize: 12 }}>{it.says}</span>
          </span>
        </Option>
      ))}
    </Combobox>
  )
}

/** Those first whose name begins with the words, then those that have them in it: others have them in a tag or an id. */
function byName(of: readonly Choice[], words: string): Choice[] {
  const rank = ({ name }: Choice) => {
    const at = name.toLowerCase().indexOf(words)
    return at < 0 ? 2 : Math.min(at, 1)
  }
  return [...of].sort((a, b) => rank(a) - rank(b))
}

/** The name of what an id is of; the id where it is not known. */
function useNameOf(id: string, also: readonly Choice[]): string {
  const own = also.find((it) => it.id === id)
  // People may give a name instead of an id: it stands for itself.
  const isId = own === undefined && /[/:]/.test(id)
  const { data } = useQuery({ ...resourceQuery(id), enabled: isId, retry: false })
  return own?.name ?? (data === undefined || data.name === '' ? id : data.name)
}
