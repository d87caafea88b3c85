// What stands in the rail, grouped by what one comes to do. An entry is added together with its page.
import type { LinkProps } from '@tanstack/react-router'
import {
  ArrowSyncRegular,
  BookRegular,
  BoxMultipleRegular,
  BranchForkRegular,
  CertificateRegular,
  ClipboardTaskRegular,
  CodeRegular,
  CompassNorthwestRegular,
  CrownRegular,
  GaugeRegular,
  DataTrendingRegular,
  HistoryRegular,
  HomeRegular,
  OrganizationRegular,
  PeopleRegular,
  PersonKeyRegular,
  PlugConnectedRegular,
  SettingsRegular,
  ShieldDismissRegular,
} from '#/ui/icons'

export interface RailEntry {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: typeof HomeRegular
  /** The letter that goes there after `g`. */
  key?: string
}

export interface RailGroup {
  /** Empty for entries that stand above all groups. */
  label: string
  entries: readonly RailEntry[]
}

const groups: readonly RailGroup[] = [
  { label: '', entries: [{ to: '/', label: 'Overview', icon: HomeRegular, key: 'o' }] },
  {
    label: 'Assets',
    entries: [
      { to: '/inventory', label: 'Inventory', icon: BoxMultipleRegular, key: 'i' },
      { to: '/network', label: 'Network map', icon: OrganizationRegular, key: 'n' },
      { to: '/identities', label: 'Identities', icon: PersonKeyRegular, key: 'd' },
      { to: '/critical-assets', label: 'Critical assets', icon: CrownRegular, key: 'l' },
    ],
  },
  {
    label: 'Posture',
    entries: [
      { to: '/recommendations', label: 'Recommendations', icon: ClipboardTaskRegular, key: 'r' },
      { to: '/attack-paths', label: 'Attack paths', icon: BranchForkRegular, key: 'p' },
      { to: '/score', label: 'Secure score', icon: GaugeRegular, key: 's' },
      { to: '/compliance', label: 'Compliance', icon: CertificateRegular, key: 'c' },
      { to: '/exemptions', label: 'Exemptions', icon: ShieldDismissRegular, key: 'x' },
    ],
  },
  {
    label: 'Explore',
    entries: [
      { to: '/explorer', label: 'Explorer', icon: CompassNorthwestRegular, key: 'g' },
      { to: '/query', label: 'Query', icon: CodeRegular, key: 'q' },
      { to: '/changes', label: 'Changes', icon: DataTrendingRegular, key: 'h' },
    ],
  },
  {
    label: 'Environment',
    entries: [
      { to: '/environments', label: 'Environments', icon: PlugConnectedRegular, key: 'e' },
      { to: '/jobs', label: 'Jobs', icon: ArrowSyncRegular, key: 'j' },
      { to: '/content', label: 'Content', icon: BookRegular, key: 'k' },
      { to: '/access', label: 'Access', icon: PeopleRegular, key: 'a' },
      { to: '/audit', label: 'Audit', icon: HistoryRegular, key: 'u' },
      { to: '/settings', label: 'Settings', icon: SettingsRegular, key: 't' },
    ],
  },
]

/** The groups that have something in them. */
export const rail: readonly RailGroup[] = groups.filter((it) => it.entries.length > 0)
