// What may reach an end point, and what it may reach: asked of the server for what is nearest to it.
import { Button, Tooltip } from '@fluentui/react-components'
import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { reachQuery } from '#/api/queries/rights'
import { ResourceLink } from '#/components/ResourceLink'
import { DismissRegular } from '#/ui/icons'
import { KindIcon } from '#/ui/glyphs'
import { Badge, Section } from '#/ui/parts'
import { count, counted } from '#/util/format'
import css from './map.module.css'
import { Passage } from './Passage'
import { type NetworkSearch, networkSearch } from './search'
import { nearest, type Spot, type Topology } from './topology'

/** End points that are asked about, each both ways. */
const ASKED = 30

interface Passable {
  from: string
  to: string
  other: { id: string; name: string; kind: string }
  answer: string
  ports: string
}

export function Traffic(props: {
  of: Topology
  spot: Spot
  search: NetworkSearch
  go: (next: NetworkSearch) => void
  close: () => void
}) {
  const { of, spot, search, go, close } = props
  const near = useMemo(() => nearest(of, spot), [of, spot])
  const others = useMemo(
    () => [{ id: 'internet', name: 'The internet', kind: 'internet' }, ...near.slice(0, ASKED)],
    [near],
  )
  const into = useTraffic(others.map((it) => ({ from: it.id, to: spot.id, other: it })))
  const out = useTraffic(others.slice(1).map((it) => ({ from: spot.id, to: it.id, other: it })))
  const pair = (it: Passable) => go(networkSearch({ ...search, from: it.from, to: it.to, port: undefined }))
  return (
    <aside className={css.traffic} aria-label={`Traffic of ${spot.name}`}>
      <div className={css.title}>
        <h3>
          <ResourceLink id={spot.id} name={spot.name} kind={spot.kind} />
        </h3>
        <Tooltip content="Close" relationship="label">
          <Button size="small" appearance="subtle" icon={<DismissRegular />} onClick={close} />
        </Tooltip>
      </div>
      {search.from !== undefined && search.to !== undefined ? (
        <Section title="Why">
          <Passage
            from={search.from}
            to={search.to}
            port={search.port}
            choose={(port) => go(networkSearch({ ...search, port }))}
          />
        </Section>
      ) : null}
      <Side
        title="May reach it"
        of={into}
        pair={pair}
        search={search}
        none="Nothing near it, and not the internet."
      />
      <Side title="It may reach" of={out} pair={pair} search={search} none="Nothing near it." />
      {near.length > ASKED ? (
        <p className={css.beyond}>
          Asked for the {count(ASKED)} nearest of {count(near.length)} end points. Any other pair can be asked
          for above.
        </p>
      ) : null}
    </aside>
  )
}

/** The answers that are there, and how many are still under way or failed. */
function useTraffic(pairs: readonly Pick<Passable, 'from' | 'to' | 'other'>[]) {
  const answers = useQueries({
    queries: pairs.map((it) => ({ ...reachQuery(it.from, it.to), retry: false })),
  })
  const found: Passable[] = []
  let waiting = 0
  let failed = 0
  answers.forEach((answer, n) => {
    const asked = pairs[n]
    if (answer.isPending) waiting += 1
    else if (answer.data === undefined) failed += 1
    else if (asked !== undefined && answer.data.answer !== 'no') {
      found.push({ ...asked, answer: answer.data.answer, ports: answer.data.ports })
    }
  })
  return { found, waiting, failed }
}

function Side(props: {
  title: string
  of: ReturnType<typeof useTraffic>
  pair: (it: Passable) => void
  search: NetworkSearch
  none: string
}) {
  const { of, search } = props
  const { found, waiting, failed } = of
  return (
    <Section
      title={props.title}
      aside={waiting > 0 ? `${counted(waiting, 'more is', 'more are')} asked` : undefined}
    >
      {found.length === 0 && waiting === 0 ? <p className={css.beyond}>{props.none}</p> : null}
      <ul className={css.list} aria-label={props.title} aria-busy={waiting > 0}>
        {found.map((it) => (
          <li key={it.other.id}>
            <button
              type="button"
              className={css.pair}
              aria-pressed={search.from === it.from && search.to === it.to}
              title={it.other.id}
              onClick={() => props.pair(it)}
            >
              <KindIcon kind={it.other.kind} />
              <span className={css.name}>{it.other.name}</span>
              {it.answer === 'yes' ? null : <Badge>not known</Badge>}
              <span className={css.ports}>{it.ports}</span>
              <span className={css.why}>Why</span>
            </button>
          </li>
        ))}
      </ul>
      {failed > 0 ? <p className={css.beyond}>{counted(failed, 'pair')} could not be asked for.</p> : null}
    </Section>
  )
}
