import { makeStyles, mergeClasses } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { space, tokens } from '#/ui/tokens'

const useStyles = makeStyles({
  tile: {
    display: 'flex',
    flexDirection: 'column',
    gap: space.m,
    padding: space.l,
    minWidth: 0,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  title: { fontSize: '13px', lineHeight: '20px', fontWeight: 600, color: tokens.colorNeutralForeground2 },
  sentence: { fontSize: '14px', lineHeight: '20px', '& a': { textDecorationLine: 'underline' } },
  foot: { marginTop: 'auto', fontSize: '13px', display: 'flex', gap: space.l, flexWrap: 'wrap' },
})

/** One thing that the overview says: a sentence, and what proves it. */
export function Tile(props: {
  title: string
  sentence?: ReactNode
  foot?: ReactNode
  className?: string
  children?: ReactNode
}) {
  const styles = useStyles()
  return (
    <section className={mergeClasses(styles.tile, props.className)} aria-label={props.title}>
      <h2 className={styles.title}>{props.title}</h2>
      {props.sentence === undefined ? null : <p className={styles.sentence}>{props.sentence}</p>}
      {props.children}
      {props.foot === undefined ? null : <div className={styles.foot}>{props.foot}</div>}
    </section>
  )
}
