// What if these were mended? A basket of checks, and the score that the server works out for them.
import { Button, Combobox, Option } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { controlsQuery, recommendationsQuery, whatIfQuery } from '#/api/queries/posture'
import { useControlName } from '#/components/names'
import { WhatIfResult } from '#/components/WhatIfResult'
import { DismissRegular } from '#/ui/icons'
import { Link } from '#/ui/Link'
import { Quiet, Section } from '#/ui/parts'
import { Shown } from '#/ui/states'
import { point } from '#/util/format'
import css from './score.module.css'

interface BasketProps {
  /** Ids of checks and controls. */
  fix: readonly string[]
  toggle: (id: string) => void
  clear: () => void
}

export function Basket({ fix, toggle, clear }: BasketProps) {
  return (
    <aside className={css.basket} aria-label="What if these were mended?">
      <Section
        title="What if these were mended?"
        actions={
          fix.length === 0 ? undefined : (
            <Button size="small" appearance="subtle" onClick={clear}>
              Empty
            </Button>
          )
        }
      >
        <Add fix={fix} toggle={toggle} />
        {fix.length === 0 ? (
          <p className={css.text}>
            Tick checks of the controls, or look for them here: the new score shows at once, and the link to
            this page keeps them.
          </p>
        ) : (
          <>
            <ul className={css.chosen}>
              {fix.map((it) => (
                <Chosen key={it} id={it} drop={() => toggle(it)} />
              ))}
            </ul>
            <Result fix={fix} />
          </>
        )}
      </Section>
    </aside>
  )
}

function Result({ fix }: { fix: readonly string[] }) {
  const asked = useQuery({ ...whatIfQuery(fix.map((what) => ({ what }))), placeholderData: keepPreviousData })
  return (
    <Shown of={asked} rows={3}>
      {(of) => <WhatIfResult of={of} most={6} />}
    </Shown>
  )
}

function Chosen({ id, drop }: { id: string; drop: () => void }) {
  const { data } = useQuery(recommendationsQuery({ q: id }, 5))
  const isControl = useQuery(controlsQuery).data?.some((it) => it.id === id) === true
  const controlName = useControlName()
  const found = data?.items.find((it) => it.id === id)
  const title = isControl ? `All of “${controlName(id)}”` : (found?.title ?? id)
  return (
    <li>
      {isControl ? (
        <Link to="/score" search={(now) => ({ ...now, control: id })} plain className={css.name}>
          {title}
        </Link>
      ) : (
        <Link to="/recommendations/$check" params={{ check: id }} plain className={css.name}>
          {title}
        </Link>
      )}
      <Button
        size="small"
        appearance="subtle"
        icon={<DismissRegular />}
        aria-label={`Take out ${title}`}
        onClick={drop}
      />
    </li>
  )
}

/** Finds open recommendations by words and puts them into the basket. */
function Add({ fix, toggle }: Pick<BasketProps, 'fix' | 'toggle'>) {
  const [words, setWords] = useState('')
  const { data } = useQuery({
    ...recommendationsQuery({ state: ['unhealthy'], ...(words === '' ? {} : { q: words }) }, 12),
    placeholderData: keepPreviousData,
  })
  return (
    <Combobox
      freeform
      placeholder="Add a recommendation"
      aria-label="Add a recommendation"
      value={words}
      selectedOptions={[]}
      onChange={(event) => setWords(event.currentTarget.value)}
      onOptionSelect={(_, { optionValue }) => {
        if (optionValue !== undefined && !fix.includes(optionValue)) toggle(optionValue)
        setWords('')
      }}
    >
      {data?.items
        .filter((it) => !fix.includes(it.id))
        .map((it) => (
          <Option key={it.id} value={it.id} text={it.title}>
            <span>
              {it.title} <Quiet>{it.gain >= 0.05 ? `+${point(it.gain)}` : ''}</Quiet>
            </span>
          </Option>
        ))}
    </Combobox>
  )
}
