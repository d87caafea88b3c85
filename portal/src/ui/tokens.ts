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

/** Colours that Fluent has no word for. Text in them has a contrast of 4.5 or more on every surface of its theme. */
interface OwnColours {
  severityCritical: string
  severityHigh: string
  severityMedium: string
  severityLow: string
  severityInfo: string
  verdictHealthy: string
  verdictUnhealthy: string
  verdictUnknown: string
  verdictNone: string
  added: string
  removed: string
}

const light: OwnColours = {
  severityCritical: '#b10e1c',
  severityHigh: '#b8430b',
  severityMedium: '#835b00',
  severityLow: '#2f6391',
  severityInfo: '#5c5c5c',
  verdictHealthy: '#0b6a0b',
  verdictUnhealthy: '#b10e1c',
  verdictUnknown: '#6a4fb3',
  verdictNone: '#5c5c5c',
  added: '#e3f4e3',
  removed: '#fbe6e7',
}

const dark: OwnColours = {
  severityCritical: '#ff9a9a',
  severityHigh: '#ffa878',
  severityMedium: '#f0c45c',
  severityLow: '#93c3ec',
  severityInfo: '#b4b4b4',
  verdictHealthy: '#7bd07b',
  verdictUnhealthy: '#ff9a9a',
  verdictUnknown: '#c0b0f5',
  verdictNone: '#b4b4b4',
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

/** Names of our own colours as CSS variables, to be used beside those of Fluent. */
export const own: { readonly [K in keyof OwnColours]: string } = {
  severityCritical: 'var(--severityCritical)',
  severityHigh: 'var(--severityHigh)',
  severityMedium: 'var(--severityMedium)',
  severityLow: 'var(--severityLow)',
  severityInfo: 'var(--severityInfo)',
  verdictHealthy: 'var(--verdictHealthy)',
  verdictUnhealthy: 'var(--verdictUnhealthy)',
  verdictUnknown: 'var(--verdictUnknown)',
  verdictNone: 'var(--verdictNone)',
  added: 'var(--added)',
  removed: 'var(--removed)',
}

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
