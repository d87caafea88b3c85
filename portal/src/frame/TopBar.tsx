import { Button, makeStyles, Tooltip } from '@fluentui/react-components'
import { NavigationRegular } from '#/ui/icons'
import { Link } from '#/ui/Link'
import { size, space, tokens } from '#/ui/tokens'
import { Logo } from './Logo'
import { PersonMenu } from './PersonMenu'

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
  },
  word: { [size.phone]: { display: 'none' } },
  gap: { flexGrow: 1 },
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
      <div className={styles.gap} />
      <PersonMenu />
    </header>
  )
}
