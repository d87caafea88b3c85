// The last step: all in one view, and what came of it when it is done, attack paths before and after.
import { Button } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type AttackPath, type AttackPaths, attackPathsQuery } from '#/api/queries/attack'
import { addClassification, changeClassification } from '#/api/queries/critical'
import { kindsQuery } from '#/api/queries/resources'
import { markOf } from '#/pages/attack-paths/rows'
import { nameOf, riskOf } from '#/pages/attack-paths/words'
import { FormError } from '#/ui/FormError'
import { Criticality } from '#/ui/Criticality'
import { Link } from '#/ui/Link'
import { Code, Facts, Section } from '#/ui/parts'
import { Severity } from '#/ui/Severity'
import { count, counted } from '#/util/format'
import css from './critical.module.css'
import { type Draft, idFor, written } from './draft'
import { PreviewList } from './PreviewList'
import { useChoice } from './use-choice'
import type { Preview } from './use-preview'
import { assetWords } from './words'

/** New attack paths that are named. */
const NAMED = 8

interface Made {
  id: string
  before: AttackPaths | undefined
}

export function Finish(props: {
  draft: Draft
  preview: Preview
  edits: string | undefined
  taken: ReadonlySet<string>
  back: () => void
}) {
  const { draft, preview, edits, taken, back } = props
  const kinds = useQuery(kindsQuery).data
  const client = useQueryClient()
  // Asked for while one reads, so that there is something to compare with.
  useQuery({ ...attackPathsQuery({}), retry: false })
  const [made, setMade] = useState<Made>()
  const choice = useChoice()
  const id = edits ?? made?.id ?? idFor(draft.title, taken)
  const finish = () => {
    const before = client.getQueryData<AttackPaths>(attackPathsQuery({}).queryKey)
    const what = written(draft)
    choice.mutate(
      {
        says: edits === undefined ? `${what.title} counts` : `${what.title} is changed`,
        act: () => (edits === undefined ? addClassification(id, what) : changeClassification(id, what)),
      },
      { onSuccess: () => setMade({ id, before }) },
    )
  }
  if (made !== undefined) return <Done draft={draft} made={made} />
  return (
    <>
      <div className={css.columns}>
        <div className={css.stack}>
          <Section title="What is written">
            <Facts
              of={[
                ['Name', draft.title],
                ['Id', <code key="id">{id}</code>],
                ['Description', draft.description],
                ['They are', assetWords[draft.assets]],
                [
                  'It looks at',
                  draft.label === ''
                    ? draft.kinds.map((it) => kinds?.find((kind) => kind.id === it)?.title ?? it).join(', ')
                    : `every :${draft.label}`,
                ],
                ['Level', draft.review ? 'None: only shown for review' : <Criticality value={draft.level} />],
              ]}
            />
            <Code text={draft.where.trim()} what="condition" />
          </Section>
        </div>
        <aside aria-label="What it finds">
          <PreviewList of={preview} />
        </aside>
      </div>
      <FormError error={choice.error} />
      <div className={css.foot}>
        <Button onClick={back}>Back</Button>
        <Button
          appearance="primary"
          data-first
          disabledFocusable={choice.isPending || preview.problem !== undefined}
          onClick={finish}
        >
          {edits === undefined ? 'Let it count' : 'Save'}
        </Button>
        <span className={css.grow} />
        <Link to="/critical-assets" search={{ tab: 'classifications' }}>
          Cancel
        </Link>
      </div>
    </>
  )
}

/** What came of it: the assets, and how the attack paths have changed. */
function Done({ draft, made }: { draft: Draft; made: Made }) {
  const after = useQuery({ ...attackPathsQuery({}), retry: false })
  const { before } = made
  return (
    <div className={css.stack} role="status">
      <Section title={`${draft.title} counts now`}>
        <p className={css.text}>
          {draft.review
            ? 'What it finds stands under To review. '
            : 'What it finds has its level, unless another classification gives a higher one. '}
          {after.data === undefined || after.isFetching
            ? after.error === null
              ? 'Attack paths are worked out anew.'
              : ''
            : before === undefined
              ? `${counted(after.data.paths.length, 'attack path leads', 'attack paths lead')} to what matters now.`
              : changeOf(before, after.data)}
        </p>
        {before === undefined || after.data === undefined || after.isFetching ? null : (
          <ul className={css.found} aria-label="New attack paths">
            {newPaths(before, after.data)
              .slice(0, NAMED)
              .map((it) => (
                <li key={markOf(it)}>
                  <Severity value={riskOf(it.risk)} quiet />
                  <Link to="/attack-paths" search={{ path: markOf(it) }} plain>
                    {nameOf(it.entry)} → {nameOf(it.target)}, {counted(it.steps.length, 'step')}
                  </Link>
                </li>
              ))}
          </ul>
        )}
        <div className={css.links}>
          <Link
            to="/critical-assets"
            search={{ ...(draft.review ? { tab: 'review' as const } : {}), classification: [made.id] }}
          >
            What it finds
          </Link>
          <Link to="/attack-paths">Attack paths</Link>
          <Link to="/critical-assets" search={{ tab: 'classifications', open: made.id }}>
            The classification
          </Link>
        </div>
      </Section>
    </div>
  )
}

type Paths = Pick<AttackPaths, 'paths'>

/** Paths that were not there before. */
function newPaths(before: Paths, after: Paths): AttackPath[] {
  const known = new Set(before.paths.map(markOf))
  return after.paths.filter((it) => !known.has(markOf(it)))
}

/** Attack paths before and after, in a sentence. */
export function changeOf(before: Paths, after: Paths): string {
  const risks = new Map(before.paths.map((it) => [markOf(it), it.risk]))
  const [fresh, gone] = [newPaths(before, after).length, newPaths(after, before).length]
  const other = after.paths.filter((it) => (risks.get(markOf(it)) ?? it.risk) !== it.risk).length
  const parts = [
    fresh === 0 ? '' : `${count(fresh)} new`,
    gone === 0 ? '' : `${count(gone)} gone`,
    other === 0 ? '' : `${count(other)} of another risk`,
  ].filter((it) => it !== '')
  return `Attack paths to what matters: ${count(after.paths.length)}, ${parts.length === 0 ? 'as before' : parts.join(', ')}.`
}
