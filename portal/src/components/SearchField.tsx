// Words that narrow a list: the list follows while they are typed.
import { SearchBox } from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'

/** Milliseconds without a key after which the list follows. */
const PAUSE = 150

/** A field whose value stands in the address: `onChange` is called in the pauses of typing. */
export function SearchField(props: {
  value: string
  label: string
  placeholder: string
  onChange: (value: string) => void
}) {
  const { value, onChange } = props
  const [typed, type] = useState(value)
  const said = useRef(value)
  const latest = useRef(onChange)
  useEffect(() => {
    latest.current = onChange
  })
  // The address changed without us: by going back, by a view, by clearing all filters.
  useEffect(() => {
    if (value === said.current) return
    said.current = value
    type(value)
  }, [value])
  useEffect(() => {
    if (typed.trim() === said.current) return
    const timer = setTimeout(() => {
      said.current = typed.trim()
      latest.current(said.current)
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <SearchBox
      style={{ maxWidth: 480, width: '100%' }}
      value={typed}
      aria-label={props.label}
      placeholder={props.placeholder}
      onChange={(_, data) => type(data.value)}
    />
  )
}
