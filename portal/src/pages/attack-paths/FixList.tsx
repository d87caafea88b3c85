// Changes that cut paths, each with a switch: what is left when it is made.
import { Button, Switch } from '@fluentui/react-components'
import { useState } from 'react'
import type { Fix } from '#/api/queries/attack'
import { Place } from '#/components/Reasons'
import { Coded } from '#/ui/parts'
import { counted } from '#/util/format'
import css from './attack-paths.module.css'
import { fixWords } from './words'

export function FixList(props: {
  title: string
  fixes: readonly Fix[]
  without: readonly number[]
  toggle: (fix: number) => void
  /** On how many paths each lies. One that lies on none cuts the ways around the others. */
  counts?: ReadonlyMap<number, number>
  /** Places that are linked; the others are counted. */
  places?: number
  /** Fixes that are listed before all are asked for: a plan against every breach may have dozens. */
  atFirst?: number
}) {
  const { fixes, counts, without, atFirst = 12 } = props
  const most = props.places ?? Number.POSITIVE_INFINITY
  const [isWhole, showWhole] = useState(false)
  // What is tried out stays in sight.
  const shown = isWhole ? fixes : fixes.filter((it, n) => n < atFirst || without.includes(it.id))
  return (
    <div className={css.fixes} role="group" aria-label={props.title}>
      <h3 className={css.title}>{props.title}</h3>
      <ul className={css.list}>
        {shown.map((it) => {
          const { does, where } = fixWords(it)
          return (
            <li key={it.id} className={css.fix}>
              <Switch
                checked={without.includes(it.id)}
                label={<Coded>{does}</Coded>}
                onChange={() => props.toggle(it.id)}
              />
              <div className={css.places}>
                {counts === undefined ? null : <span>{liesOn(counts.get(it.id) ?? 0)}</span>}
                {where === undefined ? null : <span>{where}</span>}
                {it.places.slice(0, props.places).map((place) => (
                  <Place key={`${place.resource} ${place.path}`} {...place} />
                ))}
                {it.places.length > most ? (
                  <span>{`and ${counted(it.places.length - most, 'more place')}`}</span>
                ) : null}
              </div>
            </li>
          )
        })}
      </ul>
      {shown.length === fixes.length ? null : (
        <Button size="small" appearance="subtle" className={css.more} onClick={() => showWhole(true)}>
          {`Show all ${counted(fixes.length, 'fix', 'fixes')}`}
        </Button>
      )}
    </div>
  )
}

const liesOn = (n: number): string => (n === 0 ? 'closes ways around the others' : `on ${counted(n, 'path')}`)
