import { makeStyles } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { space, tokens } from '#/ui/tokens'

const useStyles = makeStyles({
  section: {
    display: 'flex',
    flexDirection: 'column',
    gap: space.m,
    paddingBottom: space.xl,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  head: { display: 'flex', alignItems: 'flex-start', justifyContent: 'space-between', gap: space.m },
  title: { fontSize: '16px', lineHeight: '22px', fontWeight: 600 },
  about: { color: tokens.colorNeutralForeground3, fontSize: '13px', lineHeight: '18px', maxWidth: '64ch' },
})

/** A part of the page with a title, a line about it, and at most one thing to do. */
export function Section(props: {
  title: string
  about?: ReactNode
  action?: ReactNode
  children?: ReactNode
}) {
  const styles = useStyles()
  return (
    <section className={styles.section} aria-label={props.title}>
      <div className={styles.head}>
        <div>
          <h2 className={styles.title}>{props.title}</h2>
          {props.about === undefined ? null : <p className={styles.about}>{props.about}</p>}
        </div>
        {props.action}
      </div>
      {props.children}
    </section>
  )
}

/** Forms and short lists of this page. */
export const useSectionStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: space.m, maxWidth: '420px', alignItems: 'stretch' },
  buttons: { display: 'flex', gap: space.s },
  rows: { display: 'flex', flexDirection: 'column', paddingInline: 0, listStyleType: 'none' },
  row: {
    display: 'flex',
    alignItems: 'center',
    gap: space.m,
    minHeight: '44px',
    fontSize: '13px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  grow: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' },
  line: { flexGrow: 1, display: 'flex', alignItems: 'center', gap: space.s },
  below: { paddingBlock: space.m },
  picture: { width: '208px', aspectRatio: 1, alignSelf: 'flex-start' },
  quiet: { color: tokens.colorNeutralForeground3 },
  code: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: '13px',
    padding: space.m,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
    overflowWrap: 'anywhere',
    userSelect: 'all',
  },
  codes: { columns: 2, fontFamily: tokens.fontFamilyMonospace, fontSize: '13px', lineHeight: '24px' },
})
