import { makeStyles } from '@fluentui/react-components'
import { useRouter } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useCallback, useMemo } from 'react'
import { useNarrow } from '#/hooks/use-narrow'
import { usePersisted } from '#/hooks/use-persisted'
import { Notices } from '#/ui/notify'
import { size, tokens } from '#/ui/tokens'
import { rail } from './entries'
import { type Key, useKeyboard, useKeys } from './keys'
import { closeOverlay, openHelp, openPalette, useOverlay } from './overlays'
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

const Palette = lazy(() => import('./Palette').then((it) => ({ default: it.Palette })))
const Help = lazy(() => import('./Help').then((it) => ({ default: it.Help })))

/** Keys that work on every page. */
function useFrameKeys(toggleRail: () => void) {
  const router = useRouter()
  useKeyboard()
  const everywhere = useMemo<Key[]>(
    () => [
      { keys: '/', label: 'Search', do: openPalette },
      { keys: 'Ctrl+k', label: 'Search and commands', do: openPalette },
      { keys: '[', label: 'Fold or open the rail', do: toggleRail },
      { keys: '?', label: 'This help', do: openHelp },
    ],
    [toggleRail],
  )
  const pages = useMemo<Key[]>(
    () =>
      rail.flatMap((group) =>
        group.entries.flatMap(({ key, label, to }) =>
          key === undefined
            ? []
            : [{ keys: `g ${key}`, label: `Go to ${label}`, do: () => void router.navigate({ to }) }],
        ),
      ),
    [router],
  )
  useKeys('Everywhere', everywhere)
  useKeys('Pages', pages)
}

/** What lies over the page, fetched when it is first asked for. */
function Overlays() {
  const overlay = useOverlay()
  if (overlay === 'none') return null
  return (
    <Suspense>
      {overlay === 'palette' ? <Palette close={closeOverlay} /> : <Help close={closeOverlay} />}
    </Suspense>
  )
}

/** The rail, the top bar, and the page between them. */
export function Frame({ children }: { children: ReactNode }) {
  const styles = useStyles()
  const isNarrow = useNarrow()
  const [railIsOpen, setRailIsOpen] = usePersisted('merlon.rail', true)
  const [drawerIsOpen, setDrawerIsOpen] = usePersisted('merlon.drawer', false, 'page')
  const isOpen = isNarrow ? drawerIsOpen : railIsOpen
  const setIsOpen = isNarrow ? setDrawerIsOpen : setRailIsOpen
  const toggleRail = useCallback(() => setIsOpen(!isOpen), [setIsOpen, isOpen])
  const closeDrawer = useCallback(() => setDrawerIsOpen(false), [setDrawerIsOpen])
  useFrameKeys(toggleRail)
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <TopBar railIsOpen={isOpen} toggleRail={toggleRail} />
      <Rail isOpen={isOpen} isNarrow={isNarrow} close={closeDrawer} />
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <Notices />
      <Overlays />
    </div>
  )
}
