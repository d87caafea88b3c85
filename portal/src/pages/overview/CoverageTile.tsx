import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { unknownQuery } from '#/api/queries/overview'
import { Anchor } from '#/ui/Anchor'
import { Shown } from '#/ui/states'
import { space } from '#/ui/tokens'
import { count, counted } from '#/util/format'
import { paths } from '#/util/paths'
import { facet } from './OpenTile'
import { Tile } from './Tile'

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    columnGap: space.m,
    rowGap: '6px',
    fontSize: '13px',
  },
  figure: { fontWeight: 600, textAlign: 'right' },
})

/** What is *not* seen: as important as what is. */
export function CoverageTile(props: {
  resources: Schemas['Faceted_Resource']
  scope: string | undefined
  className?: string
}) {
  const { resources, scope } = props
  const styles = useStyles()
  const unknown = useQuery(unknownQuery(scope))
  const rows = [
    {
      figure: facet(resources.facets, 'state', 'notAssessed'),
      href: paths.inventory({ state: 'notAssessed' }),
      words: 'resources that no check looks at',
    },
    {
      figure: facet(resources.facets, 'state', 'unknown'),
      href: paths.inventory({ state: 'unknown' }),
      words: 'resources about which something could not be read',
    },
  ]
  return (
    <Tile
      title="What we do not see"
      {...(props.className === undefined ? {} : { className: props.className })}
      sentence={
        <Shown of={unknown} loading={<>&nbsp;</>}>
          {({ total }) => (
            <>
              <Anchor href={paths.inventory({ state: 'unknown' })}>{counted(total, 'assessment')}</Anchor>{' '}
              reached no verdict:{' '}
              {total === 0
                ? 'everything that a check needs was read.'
                : 'the exports do not hold what they need.'}
            </>
          )}
        </Shown>
      }
      foot={<Anchor href={paths.environments()}>Where the exports have gaps</Anchor>}
    >
      <dl className={styles.list}>
        {rows.map((it) => (
          <Row key={it.words} {...it} />
        ))}
      </dl>
    </Tile>
  )
}

function Row({ figure, href, words }: { figure: number; href: string; words: string }) {
  const styles = useStyles()
  return (
    <>
      <dt className={styles.figure}>
        <Anchor href={href} aria-label={`${count(figure)} ${words}`}>
          {count(figure)}
        </Anchor>
      </dt>
      <dd>{words}</dd>
    </>
  )
}
