import { Button, makeStyles, Tooltip } from '@fluentui/react-components'
import { NavigationRegular, QuestionCircleRegular, SearchRegular } from '#/ui/icons'
import { Link } from '#/ui/Link'
import { size, space, tokens } from '#/ui/tokens'
import { ChangesNotice } from './ChangesNotice'
import { Logo } from './Logo'
import { openHelp, openPalette } from './overlays'
import { PersonMenu } from './PersonMenu'
import { ScopePicker } from './ScopePicker'

const useStyles = makeStyles({
  bar: {
    gridArea: 'bar',
    display: 'flex',
    alignItems: 'center',
    gap: space.s,
    paddingInline: space.s,
    height: size.topBar,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    minWidth: 0,
  },
  brand: {
    display: 'flex',
    alignItems: 'center',
    gap: space.s,
    fontWeight: 600,
    fontSize: '15px',
    paddingInline: '4px',
    ':hover': { textDecorationLine: 'none' },
  },
  word: { [size.narrow]: { display: 'none' } },
  gap: { flexGrow: 1 },
  search: {
    width: 'min(420px, 34vw)',
    justifyContent: 'flex-start',
    fontWeight: 400,
    color: tokens.colorNeutralForeground3,
    [size.narrow]: { width: 'auto', minWidth: '32px' },
  },
  searchWords: { [size.narrow]: { display: 'none' } },
  key: {
    marginInlineStart: 'auto',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: '11px',
    [size.narrow]: { display: 'none' },
  },
  help: { [size.phone]: { display: 'none' } },
})

/** What is always at hand: where one is, search, what is new, and oneself. */
export function TopBar({ railIsOpen, toggleRail }: { railIsOpen: boolean; toggleRail: () => void }) {
  const styles = useStyles()
  const label = railIsOpen ? 'Fold the rail' : 'Open the rail'
  return (
    <header className={styles.bar}>
      <Tooltip content={label} relationship="label">
        <Button
          appearance="subtle"
          icon={<NavigationRegular />}
          onClick={toggleRail}
          aria-expanded={railIsOpen}
        />
      </Tooltip>
      <Link to="/" plain className={styles.brand} aria-label="Merlon: overview">
        <Logo />
        <span className={styles.word}>Merlon</span>
      </Link>
      <ScopePicker />
      <div className={styles.gap} />
      <Button
        className={styles.search}
        size="small"
        icon={<SearchRegular />}
        onClick={openPalette}
        aria-label="Search"
      >
        <span className={styles.searchWords}>Search</span>
        <kbd className={styles.key}>/</kbd>
      </Button>
      <div className={styles.gap} />
      <ChangesNotice />
      <Tooltip content="Keyboard (?)" relationship="label">
        <Button
          className={styles.help}
          appearance="subtle"
          icon={<QuestionCircleRegular />}
          onClick={openHelp}
        />
      </Tooltip>
      <PersonMenu />
    </header>
  )
}
