// From where to where: the controls of the page.
import { Dropdown, Field, Option } from '@fluentui/react-components'
import { useState } from 'react'
import { ResourceField } from '#/components/ResourceField'
import css from './attack-paths.module.css'
import type { AttackPathsSearch } from './search'

const starts = {
  internet: 'The internet and what has leaked',
  'any-user': 'Any user (assume breach)',
  chosen: 'A chosen resource',
} as const
const ends = {
  default: 'Administrators and critical assets',
  'account-admin': 'Administrators',
  chosen: 'A chosen resource',
} as const

interface QuestionProps {
  search: AttackPathsSearch
  go: (next: AttackPathsSearch) => void
}

/** Changing the question forgets the fixes that were tried out and the path that was open: both are of its answer. */
export function Question({ search, go }: QuestionProps) {
  const { from, to, unproven } = search
  const [isStartChosen, chooseStart] = useState(false)
  const [isEndChosen, chooseEnd] = useState(false)
  const ask = (next: Pick<AttackPathsSearch, 'from' | 'to'>) =>
    go({ ...next, ...(unproven === undefined ? {} : { unproven }) })
  const withTo = to === undefined ? {} : { to }
  const withFrom = from === undefined ? {} : { from }
  const start = isStartChosen ? 'chosen' : startOf(from)
  const end = isEndChosen ? 'chosen' : to === undefined ? 'default' : to === 'account-admin' ? to : 'chosen'
  return (
    <search className={css.question} aria-label="From where to where">
      <Field label="The attacker begins at">
        <Dropdown
          value={starts[start]}
          selectedOptions={[start]}
          onOptionSelect={(_, { optionValue }) => {
            chooseStart(optionValue === 'chosen')
            if (optionValue === 'internet') ask(withTo)
            if (optionValue === 'any-user') ask({ from: ['any-user'], ...withTo })
          }}
        >
          {Object.entries(starts).map(([value, label]) => (
            <Option key={value} value={value}>
              {label}
            </Option>
          ))}
        </Dropdown>
      </Field>
      {start === 'chosen' ? (
        <Field label="Which resource or identity" className={css.resource}>
          <ResourceField
            label="Where the attacker begins"
            placeholder="Name or id"
            value={startOf(from) === 'chosen' ? from?.[0] : undefined}
            choose={(id) => {
              chooseStart(false)
              ask({ ...(id === undefined ? {} : { from: [id] }), ...withTo })
            }}
          />
        </Field>
      ) : null}
      <Field label="And wants">
        <Dropdown
          value={ends[end]}
          selectedOptions={[end]}
          onOptionSelect={(_, { optionValue }) => {
            chooseEnd(optionValue === 'chosen')
            if (optionValue === 'default') ask(withFrom)
            if (optionValue === 'account-admin') ask({ ...withFrom, to: 'account-admin' })
          }}
        >
          {Object.entries(ends).map(([value, label]) => (
            <Option key={value} value={value}>
              {label}
            </Option>
          ))}
        </Dropdown>
      </Field>
      {end === 'chosen' ? (
        <Field label="Which resource" className={css.resource}>
          <ResourceField
            label="What the attacker wants"
            placeholder="Name or id"
            value={to === 'account-admin' ? undefined : to}
            choose={(id) => {
              chooseEnd(false)
              ask({ ...withFrom, ...(id === undefined ? {} : { to: id }) })
            }}
          />
        </Field>
      ) : null}
    </search>
  )
}

function startOf(from: readonly string[] | undefined): keyof typeof starts {
  if (from === undefined || from[0] === 'internet') return 'internet'
  return from[0] === 'any-user' ? 'any-user' : 'chosen'
}
