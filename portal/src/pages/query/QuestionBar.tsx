// What stands below a question, however it is written: run it, its bounds, its link, and what is wrong with it.
import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { useMemo } from 'react'
import { ApiProblem } from '#/api/errors'
import { PATIENCE } from '#/api/queries/query'
import { type Place, placeOf } from '#/components/cypher/complete'
import { LinkRegular, PlayRegular } from '#/ui/icons'
import { notify } from '#/ui/notify'
import { ErrorState } from '#/ui/states'
import { count } from '#/util/format'
import css from './query.module.css'
import { limits } from './search'

/**
 * What is wrong with a question, and where in its text. `isSame`: the text is still the one that was asked; a problem at
 * a place is none of another text.
 */
export function useProblems(error: unknown, isSame: boolean): { error: unknown; problems: readonly Place[] } {
  const place = useMemo(() => (error instanceof ApiProblem ? placeOf(error.message) : undefined), [error])
  const problems = useMemo(() => (place === undefined || !isSame ? [] : [place]), [place, isSame])
  return { problems, error: place === undefined || isSame ? error : null }
}

export function QuestionBar(props: {
  run: () => void
  /** Whether there is something to run. */
  canRun: boolean
  /** The key that runs it where it is written, if one does. */
  keys?: string | undefined
  limit: number
  choose: (limit: number) => void
  /** Whether the address asks a question. */
  canCopy: boolean
  error: unknown
  /** Where in the text as it stands the error is; none where that is not known. */
  problems: readonly Place[]
  retry: () => void
}) {
  return (
    <>
      <div className={css.bar}>
        <Button
          appearance="primary"
          icon={<PlayRegular />}
          disabledFocusable={!props.canRun}
          onClick={props.run}
        >
          Run
        </Button>
        {props.keys === undefined ? null : <span className={css.quiet}>{props.keys}</span>}
        <Limit limit={props.limit} choose={props.choose} />
        <span className={css.quiet}>{PATIENCE} s at most, reading only</span>
        <span className={css.grow} />
        <Button
          appearance="subtle"
          icon={<LinkRegular />}
          disabledFocusable={!props.canCopy}
          onClick={async () => {
            await navigator.clipboard.writeText(window.location.href)
            notify({ intent: 'success', title: 'Copied the link: it asks the same question' })
          }}
        >
          Copy link
        </Button>
      </div>
      <Problem error={props.error} problems={props.problems} retry={props.retry} />
    </>
  )
}

function Problem(props: { error: unknown; problems: readonly Place[]; retry: () => void }) {
  const { error, problems } = props
  const [first] = problems
  if (error === null || error === undefined) return null
  if (first === undefined) return <ErrorState error={error} retry={props.retry} />
  return (
    <p role="alert" className={css.problem}>
      Line {first.line}, column {first.column}: {first.detail}
    </p>
  )
}

function Limit({ limit, choose }: { limit: number; choose: (limit: number) => void }) {
  return (
    <Menu checkedValues={{ limit: [String(limit)] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle">{count(limit)} rows at most</Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {limits.map((it) => (
            <MenuItemRadio key={it} name="limit" value={String(it)} onClick={() => choose(it)}>
              {count(it)} rows
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
