// The one place where colours, sizes and the words of severities and verdicts are chosen.
import {
  type BrandVariants,
  createDarkTheme,
  createLightTheme,
  tokens as fluent,
  type Theme,
} from '@fluentui/react-components'

/** The accent, from nearly black to nearly white: one hue, stepped evenly in perceived lightness. */
const accent: BrandVariants = {
  10: '#000525',
  20: '#000e3e',
  30: '#001857',
  40: '#01246f',
  50: '#063286',
  60: '#12409b',
  70: '#2050ae',
  80: '#3060be',
  90: '#4271cb',
  100: '#5682d5',
  110: '#6c93dc',
  120: '#84a5e0',
  130: '#9cb6e3',
  140: '#b6c6e4',
  150: '#c5d7f8',
  160: '#d6e9ff',
}

/**
 * Colours that Fluent has no word for, as CSS variables: `var(--severity-high)`. Text in them has a contrast of 4.5 or
 * more on every surface of its theme; the soft ones are backgrounds for it.
 */
interface OwnColours {
  'severity-critical': string
  'severity-high': string
  'severity-medium': string
  'severity-low': string
  'severity-info': string
  'severity-critical-soft': string
  'severity-high-soft': string
  'severity-medium-soft': string
  'severity-low-soft': string
  'severity-info-soft': string
  'verdict-healthy': string
  'verdict-unhealthy': string
  'verdict-unknown': string
  'verdict-notApplicable': string
  accent: string
  /** Backgrounds of what came and what went, in differences. */
  added: string
  removed: string
}

const light: OwnColours = {
  'severity-critical': '#b10e1c',
  'severity-high': '#b8430b',
  'severity-medium': '#835b00',
  'severity-low': '#2f6391',
  'severity-info': '#5c5c5c',
  'severity-critical-soft': '#fdf0f1',
  'severity-high-soft': '#fdf2ec',
  'severity-medium-soft': '#fbf5e6',
  'severity-low-soft': '#eef4fa',
  'severity-info-soft': '#f3f3f3',
  'verdict-healthy': '#0b6a0b',
  'verdict-unhealthy': '#b10e1c',
  'verdict-unknown': '#6a4fb3',
  'verdict-notApplicable': '#5c5c5c',
  accent: accent[80],
  added: '#e3f4e3',
  removed: '#fbe6e7',
}

const dark: OwnColours = {
  'severity-critical': '#ff9a9a',
  'severity-high': '#ffa878',
  'severity-medium': '#f0c45c',
  'severity-low': '#93c3ec',
  'severity-info': '#b4b4b4',
  'severity-critical-soft': '#3a1f23',
  'severity-high-soft': '#38251c',
  'severity-medium-soft': '#332b19',
  'severity-low-soft': '#1d2a36',
  'severity-info-soft': '#2a2d31',
  'verdict-healthy': '#7bd07b',
  'verdict-unhealthy': '#ff9a9a',
  'verdict-unknown': '#c0b0f5',
  'verdict-notApplicable': '#b4b4b4',
  accent: accent[120],
  added: '#16351a',
  removed: '#472126',
}

const fonts = {
  fontFamilyBase: "'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Code', Menlo, Consolas, 'Liberation Mono', monospace",
}

export type MerlonTheme = Theme & OwnColours

export const lightTheme: MerlonTheme = { ...createLightTheme(accent), ...fonts, ...light }

export const darkTheme: MerlonTheme = {
  ...createDarkTheme(accent),
  ...fonts,
  ...dark,
  colorBrandForeground1: accent[120],
  colorBrandForeground2: accent[130],
  colorBrandForegroundLink: accent[120],
  colorBrandForegroundLinkHover: accent[130],
  colorBrandForegroundLinkPressed: accent[110],
  colorNeutralBackground1: '#1b1d21',
  colorNeutralBackground1Hover: '#25282d',
  colorNeutralBackground1Pressed: '#15171a',
  colorNeutralBackground1Selected: '#2a2e35',
  colorNeutralBackground2: '#16181b',
  colorNeutralBackground2Hover: '#212429',
  colorNeutralBackground3: '#121315',
  colorNeutralBackground3Hover: '#1d2024',
  colorNeutralStroke2: '#34383f',
  colorNeutralStroke3: '#2a2d33',
}

/** Our own colours for `makeStyles`, beside the tokens of Fluent. */
export const own = {
  severityCritical: 'var(--severity-critical)',
  severityHigh: 'var(--severity-high)',
  severityMedium: 'var(--severity-medium)',
  severityLow: 'var(--severity-low)',
  severityInfo: 'var(--severity-info)',
  verdictHealthy: 'var(--verdict-healthy)',
  verdictUnhealthy: 'var(--verdict-unhealthy)',
  verdictUnknown: 'var(--verdict-unknown)',
  verdictNone: 'var(--verdict-notApplicable)',
  accent: 'var(--accent)',
  added: 'var(--added)',
  removed: 'var(--removed)',
} as const

export { fluent as tokens }

/** Steps of the grid: 4 px each. */
export const space = {
  xs: '4px',
  s: '8px',
  m: '12px',
  l: '16px',
  xl: '24px',
  xxl: '32px',
} as const

/** Heights and widths that several parts must agree on. */
export const size = {
  topBar: '48px',
  row: '36px',
  rail: '216px',
  railNarrow: '52px',
  panel: '560px',
  /** Below this width the rail is a drawer and side panels cover the page. */
  narrow: '@media (max-width: 820px)',
  phone: '@media (max-width: 520px)',
} as const
