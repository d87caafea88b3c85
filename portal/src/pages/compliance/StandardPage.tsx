// One standard: its chapters and requirements, what judges each, and what people attest.
import { ToggleButton } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { Schemas } from '#/api/client'
import { standardQuery } from '#/api/queries/standards'
import { Standing, standingAbout, standings } from '#/components/Standing'
import { ReportButtons } from '#/components/ReportButtons'
import { SearchField } from '#/components/SearchField'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState, Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import css from './compliance.module.css'
import { RequirementPanel } from './RequirementPanel'
import { families } from './requirements'
import { Shares } from './Shares'
import { type StandardSearch, standardSearch } from './search'

export function StandardPage() {
  const { standard } = useParams({ from: '/compliance/$standard' })
  const search = useSearch({ from: '/compliance/$standard' })
  const scope = useSearch({ from: '__root__', select: (it) => it.scope })
  const navigate = useNavigate()
  const go = (next: StandardSearch, replace = true) =>
    void navigate({
      to: '/compliance/$standard',
      params: { standard },
      search: next,
      replace,
      resetScroll: false,
    })
  const asked = useQuery(standardQuery(standard))
  const opened = asked.data?.requirements.find((it) => it.id === search.open)
  return (
    <Page
      title={asked.data?.title ?? standard}
      sentence={asked.data === undefined ? '' : <Sentence of={asked.data} />}
      actions={
        <ReportButtons
          path={`/api/v1/reports/standards/${encodeURIComponent(standard)}`}
          scope={scope}
          file={standard}
        />
      }
    >
      <Shown of={asked}>
        {(of) => (
          <>
            <Shares of={of} />
            <Filter of={of} search={search} go={go} />
            <Tree of={of} search={search} open={(id) => go({ ...search, open: id }, false)} />
          </>
        )}
      </Shown>
      {opened === undefined || asked.data === undefined ? null : (
        <RequirementPanel
          standard={asked.data}
          of={opened}
          close={() => go(standardSearch({ ...search, open: undefined }))}
        />
      )}
    </Page>
  )
}

function Sentence({ of }: { of: Schemas['StandardDetail'] }) {
  return (
    <>
      <Link to="/compliance">Compliance</Link> › {count(of.passed)} of{' '}
      {counted(of.passed + of.failed, 'requirement')} that checks can judge{' '}
      {of.passed === 1 ? 'passes' : 'pass'}, {count(of.failed)} {of.failed === 1 ? 'fails' : 'fail'}
      {of.manual > 0 ? `; ${count(of.manual)} ${of.manual === 1 ? 'waits' : 'wait'} for attestation` : ''}.
    </>
  )
}

function Filter(props: {
  of: Schemas['StandardDetail']
  search: StandardSearch
  go: (next: StandardSearch) => void
}) {
  const { of, search, go } = props
  const chosen = search.state ?? []
  return (
    <div className={css.filter}>
      <SearchField
        value={search.q ?? ''}
        label="Find requirements"
        placeholder="Number or words of a requirement"
        onChange={(q) => go(standardSearch({ ...search, q }))}
      />
      {standings.map((it) => (
        <ToggleButton
          key={it}
          size="small"
          appearance="subtle"
          title={standingAbout[it]}
          checked={chosen.includes(it)}
          onClick={() => {
            const state = chosen.includes(it) ? chosen.filter((one) => one !== it) : [...chosen, it]
            go(standardSearch({ ...search, state }))
          }}
        >
          <Standing value={it} />
          &nbsp;{count(of[it])}
        </ToggleButton>
      ))}
    </div>
  )
}

function Tree(props: { of: Schemas['StandardDetail']; search: StandardSearch; open: (id: string) => void }) {
  const { of, search, open } = props
  const tree = families(of.requirements, search)
  if (tree.length === 0) {
    return <EmptyState title="No requirement fits">Clear the words, or choose other states.</EmptyState>
  }
  return (
    <div className={css.tree}>
      {tree.map((family) => (
        <details key={family.name} open className={css.family}>
          <summary>
            {family.name}{' '}
            <span className={css.quiet}>
              {count(family.requirements.filter((it) => it.state === 'failed').length)} of{' '}
              {count(family.requirements.length)} failed
            </span>
          </summary>
          <ul className={css.requirements}>
            {family.requirements.map((it) => (
              <li key={it.id} className={css.requirement} data-open={it.id === search.open}>
                <button type="button" onClick={() => open(it.id)}>
                  <span className={css.number}>{it.id}</span>
                  <span className={css.title}>{it.title}</span>
                  <span className={css.state}>
                    <Standing value={it.state} />
                  </span>
                  <span className={css.figures}>{figures(it)}</span>
                </button>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </div>
  )
}

/** What stands behind the state, in few words. */
function figures(it: Schemas['Requirement']): string {
  if (it.attestation !== undefined && it.attestation !== null) return `attested by ${it.attestation.by}`
  if (it.checks.length === 0) return 'no check'
  if (it.unhealthy > 0) return `${count(it.unhealthy)} open`
  if (it.unknown > 0) return `${count(it.unknown)} unknown`
  return it.healthy > 0 ? `${count(it.healthy)} healthy` : counted(it.checks.length, 'check')
}
