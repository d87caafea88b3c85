// The last step: all in one view, and what came of it when it is done, attack paths before and after.
import { Button } from '@fluentui/react-components'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type AttackPaths, attackPathsQuery } from '#/api/queries/attack'
import { addClassification, changeClassification } from '#/api/queries/critical'
import { kindsQuery } from '#/api/queries/resources'
import { FormError } from '#/ui/FormError'
import { Criticality } from '#/ui/Criticality'
import { Link } from '#/ui/Link'
import { Code, Facts, Section } from '#/ui/parts'
import { count, counted } from '#/util/format'
import css from './critical.module.css'
import { type Draft, idFor, written } from './draft'
import { PreviewList } from './PreviewList'
import { useChoice } from './use-choice'
import type { Preview } from './use-preview'
import { assetWords } from './words'

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

/** Attack paths before and after, in a sentence. */
export function changeOf(before: Pick<AttackPaths, 'paths'>, after: Pick<AttackPaths, 'paths'>): string {
  const [was, is] = [before.paths.length, after.paths.length]
  if (was === is) return `Attack paths to what matters: ${count(is)}, as before.`
  return `Attack paths to what matters: ${count(is)}, ${is > was ? 'up' : 'down'} from ${count(was)}.`
}
