// Figures and instants as people read them. Every page uses these, so that the same thing looks the same everywhere.

const figures = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const points = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `12,345`. */
export const count = (value: number): string => figures.format(value)

/** `12.3K` where there is no room for more. */
export const brief = (value: number): string => short.format(value)

/** Points of a score, or percent, with at most one decimal. */
export const point = (value: number): string => points.format(value)

/** `1 resource`, `2 resources`. The plural is the word with an s unless another is given. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** `22 Nov 2026, 09:14:03` in the time zone of the browser. */
export const instant = (iso: string): string => exact.format(new Date(iso))

/** `22 Nov 2026`. */
export const date = (iso: string): string => day.format(new Date(iso))

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 hours ago`, `in 2 days`, `just now`. */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit)
  }
  return 'just now'
}
