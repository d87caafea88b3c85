import { makeStyles, mergeClasses, Tooltip } from '@fluentui/react-components'
import { createLink, type LinkComponent } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, type Ref, useEffect } from 'react'
import { size, space, tokens } from '#/ui/tokens'
import { type RailEntry, rail } from './entries'

const useStyles = makeStyles({
  rail: {
    gridArea: 'rail',
    width: size.rail,
    overflowY: 'auto',
    overflowX: 'hidden',
    paddingBlock: space.s,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    scrollbarWidth: 'thin',
  },
  folded: { width: size.railNarrow },
  drawer: {
    position: 'fixed',
    top: size.topBar,
    bottom: 0,
    left: 0,
    zIndex: 5,
    width: '264px',
    boxShadow: tokens.shadow28,
  },
  away: { display: 'none' },
  cover: {
    position: 'fixed',
    inset: `${size.topBar} 0 0 0`,
    zIndex: 4,
    backgroundColor: tokens.colorBackgroundOverlay,
  },
  group: { paddingBlock: '2px', listStyleType: 'none', margin: 0, paddingInline: 0 },
  label: {
    padding: `${space.m} ${space.l} ${space.xs}`,
    fontSize: '11px',
    lineHeight: '16px',
    fontWeight: 600,
    letterSpacing: '.04em',
    textTransform: 'uppercase',
    color: tokens.colorNeutralForeground3,
  },
  line: { height: '1px', margin: `${space.s} ${space.m}`, backgroundColor: tokens.colorNeutralStroke2 },
  entry: {
    display: 'flex',
    alignItems: 'center',
    gap: space.m,
    height: '32px',
    marginInline: space.s,
    paddingInline: '10px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    fontSize: '13px',
    whiteSpace: 'nowrap',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover, color: tokens.colorNeutralForeground1 },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
    '&[aria-current="page"]': {
      backgroundColor: tokens.colorNeutralBackground1Selected,
      color: tokens.colorNeutralForeground1,
      fontWeight: 600,
      boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`,
    },
  },
  icon: { fontSize: '18px', lineHeight: 0, flexShrink: 0 },
})

interface EntryProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  ref?: Ref<HTMLAnchorElement>
  entry: RailEntry
  isFolded: boolean
}

function EntryAnchor({ entry, isFolded, className, ...rest }: EntryProps) {
  const styles = useStyles()
  const Icon = entry.icon
  const anchor = (
    <a
      {...rest}
      className={mergeClasses(styles.entry, className)}
      aria-label={isFolded ? entry.label : undefined}
    >
      <span className={styles.icon}>
        <Icon aria-hidden="true" />
      </span>
      {isFolded ? null : entry.label}
    </a>
  )
  return isFolded ? (
    <Tooltip content={entry.label} relationship="label" positioning="after">
      {anchor}
    </Tooltip>
  ) : (
    anchor
  )
}

const EntryLink: LinkComponent<typeof EntryAnchor> = createLink(EntryAnchor)

/** The pages, by what one comes to do. Folded it shows icons alone; in a narrow window it lies over the page. */
export function Rail(props: { isOpen: boolean; isNarrow: boolean; close: () => void }) {
  const { isOpen, isNarrow, close } = props
  const styles = useStyles()
  useEffect(() => {
    if (!isNarrow || !isOpen) return
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && close()
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isNarrow, isOpen, close])
  const isFolded = !isOpen && !isNarrow
  return (
    <>
      {isNarrow && isOpen ? <div className={styles.cover} onClick={close} aria-hidden="true" /> : null}
      <nav
        aria-label="Pages"
        className={mergeClasses(
          styles.rail,
          isFolded && styles.folded,
          isNarrow && styles.drawer,
          isNarrow && !isOpen && styles.away,
        )}
      >
        {rail.map((group) => (
          <div key={group.label}>
            {group.label === '' ? null : isFolded ? (
              <div className={styles.line} />
            ) : (
              <div className={styles.label} id={`rail-${group.label}`}>
                {group.label}
              </div>
            )}
            <ul
              className={styles.group}
              aria-labelledby={isFolded || group.label === '' ? undefined : `rail-${group.label}`}
            >
              {group.entries.map((entry) => (
                <li key={entry.label}>
                  <EntryLink
                    to={entry.to}
                    entry={entry}
                    isFolded={isFolded}
                    activeOptions={{ exact: entry.to === '/', includeSearch: false }}
                    onClick={close}
                  />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
    </>
  )
}
