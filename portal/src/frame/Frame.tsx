import { makeStyles } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useNarrow } from '#/hooks/use-narrow'
import { usePersisted } from '#/hooks/use-persisted'
import { Notices } from '#/ui/notify'
import { size, tokens } from '#/ui/tokens'
import { Rail } from './Rail'
import { TopBar } from './TopBar'

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    gridTemplateColumns: 'auto minmax(0, 1fr)',
    gridTemplateRows: `${size.topBar} minmax(0, 1fr)`,
    gridTemplateAreas: '"bar bar" "rail main"',
    height: '100%',
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    fontVariantNumeric: 'tabular-nums',
  },
  skip: {
    position: 'absolute',
    left: '8px',
    top: '-48px',
    zIndex: 10,
    padding: '8px 12px',
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    ':focus': { top: '8px' },
  },
  main: {
    gridArea: 'main',
    minWidth: 0,
    minHeight: 0,
    overflow: 'auto',
    outline: 'none',
    position: 'relative',
  },
})

/** The rail, the top bar, and the page between them. */
export function Frame({ children }: { children: ReactNode }) {
  const styles = useStyles()
  const isNarrow = useNarrow()
  const [railIsOpen, setRailIsOpen] = usePersisted('merlon.rail', true)
  const [drawerIsOpen, setDrawerIsOpen] = usePersisted('merlon.drawer', false, 'page')
  const isOpen = isNarrow ? drawerIsOpen : railIsOpen
  const setIsOpen = isNarrow ? setDrawerIsOpen : setRailIsOpen
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <TopBar railIsOpen={isOpen} toggleRail={() => setIsOpen(!isOpen)} />
      <Rail isOpen={isOpen} isNarrow={isNarrow} close={() => setDrawerIsOpen(false)} />
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <Notices />
    </div>
  )
}
