// The head of every page: its name, the sentence that answers first, and what can be done here.
import { makeStyles } from '@fluentui/react-components'
import { type ReactNode, useEffect } from 'react'
import { size, space, tokens } from './tokens'

const useStyles = makeStyles({
  page: {
    display: 'flex',
    flexDirection: 'column',
    gap: space.l,
    padding: `${space.l} ${space.xl} ${space.xxl}`,
    minWidth: 0,
    [size.narrow]: { padding: `${space.m} ${space.l} ${space.xl}` },
  },
  wide: { height: '100%' },
  head: { display: 'flex', alignItems: 'flex-start', gap: space.l, flexWrap: 'wrap' },
  words: { flexGrow: 1, flexBasis: '320px', minWidth: 0 },
  title: { fontSize: '20px', lineHeight: '28px', fontWeight: 600 },
  sentence: {
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    color: tokens.colorNeutralForeground2,
    maxWidth: '88ch',
    minHeight: tokens.lineHeightBase300,
    // Among words a colour alone does not make a link.
    '& a': { textDecorationLine: 'underline' },
  },
  actions: { display: 'flex', gap: space.s, alignItems: 'center', flexWrap: 'wrap' },
})

/** A page. `sentence` is what a person would say aloud about it; `fill` makes it as high as the window, for tables. */
export function Page(props: {
  title: string
  sentence?: ReactNode
  actions?: ReactNode
  fill?: boolean
  children: ReactNode
}) {
  const styles = useStyles()
  useEffect(() => {
    document.title = `${props.title} · Merlon`
  }, [props.title])
  return (
    <div className={props.fill === true ? `${styles.page} ${styles.wide}` : styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1 className={styles.title}>{props.title}</h1>
          {props.sentence === undefined ? null : <p className={styles.sentence}>{props.sentence}</p>}
        </div>
        {props.actions === undefined ? null : <div className={styles.actions}>{props.actions}</div>}
      </header>
      {props.children}
    </div>
  )
}
