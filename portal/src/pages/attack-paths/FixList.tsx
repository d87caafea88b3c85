// Changes that cut paths, each with a switch: what is left when it is made.
import { Switch } from '@fluentui/react-components'
import type { Fix } from '#/api/queries/attack'
import { Place } from '#/components/Reasons'
import { counted } from '#/util/format'
import { plain } from './words'
import css from './attack-paths.module.css'

export function FixList(props: {
  title: string
  fixes: readonly Fix[]
  without: readonly number[]
  toggle: (fix: number) => void
  /** On how many paths each lies. */
  counts?: ReadonlyMap<number, number>
}) {
  return (
    <div className={css.fixes} role="group" aria-label={props.title}>
      <h3 className={css.title}>{props.title}</h3>
      <ul className={css.list}>
        {props.fixes.map((it) => {
          const n = props.counts?.get(it.id) ?? 0
          return (
            <li key={it.id} className={css.fix}>
              <Switch
                checked={props.without.includes(it.id)}
                label={capital(it.says)}
                onChange={() => props.toggle(it.id)}
              />
              <div className={css.places}>
                {n > 0 ? <span>{`on ${counted(n, 'path')}`}</span> : null}
                {it.places.map((place) => (
                  <Place key={`${place.resource} ${place.path}`} {...place} />
                ))}
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** A fix as the beginning of a sentence; a name is never written in another way. */
function capital(words: string): string {
  const says = plain(words)
  return /^(take|do|close) /.test(says) ? says.charAt(0).toUpperCase() + says.slice(1) : says
}
