// Writes a check: while it is written, it is tried on everything that was imported.
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { checkQuery } from '#/api/queries/content'
import { ownCheckQuery } from '#/api/queries/own-checks'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState, Shown } from '#/ui/states'
import { type Draft, draftOf, emptyDraft, predicateOf } from './draft'
import { Editor } from './Editor'
import type { CheckEditorSearch } from './search'

/** What the form begins with when no other check is given. */
function beginning(search: CheckEditorSearch): Draft {
  const { kind = '', path, value } = search
  if (path === undefined) return { ...emptyDraft, kind }
  return {
    ...emptyDraft,
    kind,
    unhealthy: predicateOf(path, value),
    evidence: path.replaceAll(/\[\d+\].*$/g, ''),
  }
}

export function EditorPage() {
  const search = useSearch({ from: '/content/write' })
  const { edit, from } = search
  const source = edit ?? from
  return (
    <Page
      title={edit === undefined ? 'Write a check' : 'Another version of a check'}
      sentence={
        <>
          <Link to="/content">Content</Link> › What you write is tried on all that was imported as you write
          it; nothing counts before you publish it.
        </>
      }
    >
      {source === undefined ? (
        <Editor key={JSON.stringify(search)} begin={beginning(search)} edits={false} />
      ) : (
        <Loaded check={source} edits={edit !== undefined} />
      )}
    </Page>
  )
}

/** The form filled from a check that is there. Of one's own it is the latest version, whether or not that counts. */
function Loaded({ check, edits }: { check: string; edits: boolean }) {
  const isOwn = check.startsWith('own.')
  const ours = useQuery({ ...checkQuery(check), enabled: !isOwn })
  const own = useQuery({ ...ownCheckQuery(check), enabled: isOwn })
  if (!isOwn)
    return <Shown of={ours}>{(of) => <Editor key={of.id} begin={draftOf(of)} edits={edits} />}</Shown>
  return (
    <Shown of={own}>
      {(of) =>
        of.check == null ? (
          <EmptyState title="This form cannot show the check">
            Its text was sent by another way, and something is wrong with it. Send it anew the same way.
          </EmptyState>
        ) : (
          <Editor key={of.id} begin={draftOf(of.check)} edits={edits} />
        )
      }
    </Shown>
  )
}
