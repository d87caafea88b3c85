// Details beside the page that they belong to: it stays usable, Escape closes, and a link opens the same as a page.
import { Button, makeStyles, Tab, TabList, Tooltip } from '@fluentui/react-components'
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react'
import { DismissRegular } from './icons'
import { size, space, tokens } from './tokens'

const useStyles = makeStyles({
  panel: {
    position: 'fixed',
    top: size.topBar,
    right: 0,
    bottom: 0,
    zIndex: 3,
    width: `min(${size.panel}, 100vw)`,
    display: 'flex',
    flexDirection: 'column',
    backgroundColor: tokens.colorNeutralBackground1,
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    boxShadow: tokens.shadow16,
    [size.narrow]: { width: '100vw', borderLeftStyle: 'none' },
  },
  head: {
    display: 'flex',
    alignItems: 'flex-start',
    gap: space.s,
    padding: `${space.m} ${space.m} ${space.s} ${space.l}`,
  },
  title: {
    flexGrow: 1,
    minWidth: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: 600,
    overflowWrap: 'anywhere',
    outline: 'none',
  },
  under: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, fontWeight: 400 },
  tabs: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, paddingInline: space.xs },
  body: { flexGrow: 1, minHeight: 0, overflow: 'auto', padding: space.l, outlineOffset: '-2px' },
})

export interface PanelTab<T extends string> {
  value: T
  label: ReactNode
}

/**
 * A panel at the right. `page` is a link to the same details as a page; `focus` says whether the panel takes the
 * focus when it opens (not while somebody walks through a list with `j` and `k`).
 */
export function SidePanel<T extends string = string>(props: {
  title: ReactNode
  subtitle?: ReactNode
  page?: ReactElement
  close: () => void
  focus?: boolean
  tabs?: { of: readonly PanelTab<T>[]; selected: T; select: (tab: T) => void }
  children: ReactNode
}) {
  const { close, focus = true, tabs } = props
  const styles = useStyles()
  const titleId = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!focus) return
    const before = document.activeElement
    heading.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [focus])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // A menu or dialog that is open above it takes the key first.
      if (event.key === 'Escape' && !event.defaultPrevented) close()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [close])
  return (
    <aside className={styles.panel} aria-labelledby={titleId}>
      <div className={styles.head}>
        <h2 className={styles.title} id={titleId} tabIndex={-1} ref={heading}>
          {props.title}
          {props.subtitle === undefined ? null : <div className={styles.under}>{props.subtitle}</div>}
        </h2>
        {props.page}
        <Tooltip content="Close (Esc)" relationship="label">
          <Button appearance="subtle" icon={<DismissRegular />} onClick={close} />
        </Tooltip>
      </div>
      {tabs === undefined ? null : <Tabs {...tabs} />}
      <section className={styles.body} tabIndex={0} aria-labelledby={titleId}>
        {props.children}
      </section>
    </aside>
  )
}

/** Tabs whose choice stands somewhere else: in the address. */
export function Tabs<T extends string>(props: {
  of: readonly PanelTab<T>[]
  selected: T
  select: (tab: T) => void
  /** What they are the views of, where there are several on a page. */
  label?: string
}) {
  const styles = useStyles()
  return (
    <TabList
      className={styles.tabs}
      aria-label={props.label}
      size="small"
      selectedValue={props.selected}
      onTabSelect={(_, { value }) => {
        const chosen = props.of.find((it) => it.value === value)
        if (chosen !== undefined) props.select(chosen.value)
      }}
    >
      {props.of.map((tab) => (
        <Tab key={tab.value} value={tab.value}>
          {tab.label}
        </Tab>
      ))}
    </TabList>
  )
}
