// A field that offers what there is: one types to narrow it, and takes an option, or what was typed.
import { Combobox, Option } from '@fluentui/react-components'
import { useEffect, useMemo, useState } from 'react'
import css from './builder.module.css'

export interface ChoiceOption {
  value: string
  text: string
  aside: string
}

/** Options that are drawn at a time: the rest is found by typing. */
const DRAWN = 80

/**
 * `isFree`: what was typed counts when the field is left or Enter is pressed. `adds`: the value is a list between
 * commas, to which an option is added.
 */
export function Choice(props: {
  label: string
  value: string
  placeholder: string
  options: readonly ChoiceOption[]
  isFree: boolean
  adds?: boolean
  width: number
  choose: (value: string) => void
}) {
  const { value, options, choose, adds = false } = props
  const [words, setWords] = useState(value)
  const [isTyping, setTyping] = useState(false)
  useEffect(() => {
    setWords(value)
    setTyping(false)
  }, [value])
  const last = adds ? (words.split(',').at(-1) ?? '').trim() : words.trim()
  const fitting = useMemo(() => {
    const wanted = isTyping ? last.toLowerCase() : ''
    if (wanted === '') return options.slice(0, DRAWN)
    const rank = (it: ChoiceOption) => {
      const at = it.text.toLowerCase().indexOf(wanted)
      return at >= 0 ? at : it.value.toLowerCase().includes(wanted) ? 500 : -1
    }
    return options
      .map((it) => ({ it, rank: rank(it) }))
      .filter(({ rank }) => rank >= 0)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, DRAWN)
      .map(({ it }) => it)
  }, [options, last, isTyping])
  const take = (text: string) => {
    setTyping(false)
    if (text !== value) choose(text)
  }
  const leave = () => {
    if (!isTyping) return
    if (props.isFree) take(words.trim())
    else {
      setTyping(false)
      setWords(value)
    }
  }
  return (
    <Combobox
      freeform
      size="small"
      className={css.choice}
      style={{ width: props.width, minWidth: 0 }}
      input={{ style: { minWidth: 0, width: '100%' } }}
      aria-label={props.label}
      placeholder={props.placeholder}
      title={value}
      value={words}
      selectedOptions={[]}
      onChange={(event) => {
        setTyping(true)
        setWords(event.currentTarget.value)
      }}
      onOptionSelect={(_, { optionValue }) => {
        if (optionValue === undefined) return
        if (!adds) {
          take(optionValue)
          if (!props.isFree) setWords('')
          return
        }
        const kept = (isTyping ? words.split(',').slice(0, -1) : value.split(','))
          .map((it) => it.trim())
          .filter((it) => it !== '' && it !== optionValue)
        take([...kept, optionValue].join(', '))
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && isTyping && props.isFree && fitting.length === 0) leave()
      }}
      onBlur={leave}
    >
      {fitting.map((it) => (
        <Option key={it.value} value={it.value} text={it.text}>
          <span className={css.option}>
            <span>{it.text}</span>
            <span className={css.aside}>{it.aside}</span>
          </span>
        </Option>
      ))}
    </Combobox>
  )
}
