// The map: accounts hold networks, networks hold subnets, subnets hold end points; the internet stands at the left.
import { Switch } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Schemas } from '#/api/client'
import { explain } from '#/api/errors'
import { resourcePage } from '#/api/queries/resources'
import { exposureQuery } from '#/api/queries/rights'
import { scopesOfQuery, topologyQuery } from '#/api/queries/topology'
import { useScopeName } from '#/components/names'
import { Section } from '#/ui/parts'
import { EmptyState, Shown } from '#/ui/states'
import { counted } from '#/util/format'
import { Boxes } from './Boxes'
import css from './map.module.css'
import { type NetworkSearch, networkSearch } from './search'
import { facing, type Topology, topologyOf } from './topology'
import { Traffic } from './Traffic'

/** Resources with open problems that are asked for: the worst first. */
const MOST_OPEN = 1000

/** What is open on the worst resources, by their ids. */
const openQuery = {
  queryKey: ['list_resources', { severity: ['critical', 'high'] }, 'open'],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const page = await resourcePage({ severity: ['critical', 'high'] }, undefined, MOST_OPEN, signal)
    return {
      open: new Map(page.items.map((it) => [it.id, it.open] as const)),
      more: page.total > page.items.length,
    }
  },
}

const nothingOpen: ReadonlyMap<string, Schemas['OpenCounts']> = new Map()
const nowhere: ReadonlyMap<string, string> = new Map()

export function MapView(props: { search: NetworkSearch; go: (next: NetworkSearch) => void }) {
  const { search, go } = props
  const rows = useQuery(topologyQuery)
  const exposure = useQuery(exposureQuery)
  const exposed = exposure.data?.items
  const ids = useMemo(() => (exposed ?? []).map((it) => it.id), [exposed])
  const places = useQuery(scopesOfQuery(ids))
  const open = useQuery(openQuery)
  const scopeName = useScopeName()
  const whole = useMemo(
    () =>
      rows.data === undefined
        ? undefined
        : topologyOf(
            rows.data,
            exposed ?? [],
            places.data ?? nowhere,
            open.data?.open ?? nothingOpen,
            scopeName,
          ),
    [rows.data, exposed, places.data, open.data, scopeName],
  )
  const shown = useMemo(
    () => (whole !== undefined && search.facing === true ? facing(whole) : whole),
    [whole, search.facing],
  )
  const node = search.node === undefined ? undefined : whole?.spots.get(search.node)
  return (
    <Shown of={rows} rows={10}>
      {({ more }) =>
        whole === undefined || shown === undefined ? null : (
          <Section
            title="What lies in which network"
            aside={<Said of={whole} more={more} isOpenWhole={open.data?.more !== true} />}
            actions={
              <Switch
                label="Only what faces the internet"
                checked={search.facing === true}
                onChange={(_, { checked }) =>
                  go(networkSearch({ ...search, facing: checked, flip: undefined }))
                }
              />
            }
          >
            {exposure.error === null ? null : (
              <p className={css.beyond} role="alert">
                What the internet reaches is not drawn: {explain(exposure.error).detail}
              </p>
            )}
            {shown.scopes.length === 0 ? (
              <Nothing facing={search.facing === true} />
            ) : (
              <div className={node === undefined ? undefined : css.beside}>
                <Boxes of={shown} search={search} go={go} />
                {node === undefined ? null : (
                  <Traffic
                    key={node.id}
                    of={whole}
                    spot={node}
                    search={search}
                    go={go}
                    close={() => go(networkSearch({ ...search, node: undefined }))}
                  />
                )}
              </div>
            )}
          </Section>
        )
      }
    </Shown>
  )
}

function Said({ of, more, isOpenWhole }: { of: Topology; more: boolean; isOpenWhole: boolean }) {
  const ends = of.scopes.reduce((sum, it) => sum + it.ends, 0)
  const networks = [...of.spots.values()].filter((it) => it.level === 'network').length
  return (
    <>
      {counted(ends, 'end point')} in {counted(networks, 'network')} of {counted(of.scopes.length, 'account')}
      {more ? '; there are more than are drawn' : ''}
      {isOpenWhole ? '' : `; what is open is counted on the ${MOST_OPEN} worst resources`}
    </>
  )
}

function Nothing({ facing: isFacing }: { facing: boolean }) {
  return isFacing ? (
    <EmptyState title="Nothing faces the internet">
      What packets from the internet reach, or may reach, would stand here.
    </EmptyState>
  ) : (
    <EmptyState title="No networks yet">
      Networks, subnets and what stands in them are drawn here as soon as an export has them.
    </EmptyState>
  )
}
