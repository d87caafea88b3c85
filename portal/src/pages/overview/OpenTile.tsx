import { makeStyles } from '@fluentui/react-components'
import type { Schemas } from '#/api/client'
import { Anchor } from '#/ui/Anchor'
import { Severity, severities, severityWord } from '#/ui/Severity'
import { space, tokens } from '#/ui/tokens'
import { count } from '#/util/format'
import { paths } from '#/util/paths'
import { Tile } from './Tile'

const useStyles = makeStyles({
  list: { display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: space.s },
  item: {
    display: 'flex',
    flexDirection: 'column',
    gap: '2px',
    padding: `${space.s} ${space.m}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
    ':hover': { backgroundColor: tokens.colorNeutralBackground2Hover, textDecorationLine: 'none' },
  },
  figure: { fontSize: '20px', lineHeight: '26px', fontWeight: 600 },
  label: { fontSize: '13px' },
})

/** How many times a value of a facet came up. */
export const facet = (facets: readonly Schemas['FacetCounts'][], name: string, value: string): number =>
  facets.find((it) => it.name === name)?.values.find((it) => it.value === value)?.count ?? 0

/** Open recommendations by severity; each figure opens them. */
export function OpenTile(props: { facets: readonly Schemas['FacetCounts'][]; className?: string }) {
  const styles = useStyles()
  return (
    <Tile
      title="Open recommendations"
      {...(props.className === undefined ? {} : { className: props.className })}
      foot={<Anchor href={paths.inventory({ state: 'unhealthy' })}>Resources that have any</Anchor>}
    >
      <div className={styles.list}>
        {severities.map((it) => {
          const figure = facet(props.facets, 'severity', it)
          return (
            <Anchor
              key={it}
              plain
              className={styles.item}
              href={paths.recommendations({ state: 'unhealthy', severity: it })}
              aria-label={`${count(figure)} ${severityWord(it)}`}
            >
              <span className={styles.figure}>{count(figure)}</span>
              <span className={styles.label}>
                <Severity value={it} />
              </span>
            </Anchor>
          )
        })}
      </div>
    </Tile>
  )
}
