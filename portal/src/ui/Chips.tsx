// The filters that hold, each as a chip that takes itself away.
import css from './chips.module.css'
import { DismissRegular } from './icons'

export interface Chip {
  /** The filter and the value: together they name the chip. */
  name: string
  value: string
  title: string
  label: string
}

/** Filters as chips, with one button that clears them all. Nothing where there are none. */
export function Chips(props: {
  chips: readonly Chip[]
  onRemove: (chip: Chip) => void
  onClear: () => void
}) {
  if (props.chips.length === 0) return null
  return (
    <ul className={css.chips} aria-label="Filters that hold">
      {props.chips.map((it) => (
        <li key={`${it.name} ${it.value}`} className={css.chip}>
          <span className={css.title}>{it.title}</span>
          <span className={css.label} title={it.label}>
            {it.label}
          </span>
          <button
            type="button"
            className={css.remove}
            aria-label={`Remove ${it.title} ${it.label}`}
            onClick={() => props.onRemove(it)}
          >
            <DismissRegular aria-hidden="true" />
          </button>
        </li>
      ))}
      <li>
        <button type="button" className={css.clear} onClick={props.onClear}>
          Clear all
        </button>
      </li>
    </ul>
  )
}
