// What the palette offers before the server was asked: pages and the few things that can be done from anywhere.
import type { ReactElement } from 'react'
import {
  DesktopRegular,
  KeyboardRegular,
  PersonRegular,
  WeatherMoonRegular,
  WeatherSunnyRegular,
} from '#/ui/icons'
import { chooseTheme } from '#/ui/theme'
import { paths } from '#/util/paths'
import { rail } from './entries'
import { openHelp } from './overlays'

/** A row of the palette. */
export interface Hit {
  group: string
  id: string
  icon: ReactElement
  title: string
  aside: string
  href?: string
  do?: () => void
}

function pages(): Hit[] {
  return rail.flatMap((group) =>
    group.entries.map((entry) => {
      const Icon = entry.icon
      return {
        group: 'Pages',
        id: `page ${entry.to}`,
        icon: <Icon />,
        title: entry.label,
        aside: entry.key === undefined ? '' : `g ${entry.key}`,
        href: entry.to,
      }
    }),
  )
}

const others: readonly Hit[] = [
  { id: 'account', icon: <PersonRegular />, title: 'Your account', href: paths.account() },
  { id: 'light', icon: <WeatherSunnyRegular />, title: 'Light theme', do: () => chooseTheme('light') },
  { id: 'dark', icon: <WeatherMoonRegular />, title: 'Dark theme', do: () => chooseTheme('dark') },
  { id: 'system', icon: <DesktopRegular />, title: 'Theme of the system', do: () => chooseTheme('system') },
  { id: 'keys', icon: <KeyboardRegular />, title: 'Keyboard shortcuts', aside: '?', do: () => openHelp() },
].map((it) => ({ group: 'Commands', aside: '', ...it }))

/** Those whose title has all the words. */
export function commands(words: string): Hit[] {
  const wanted = words.toLowerCase().split(/\s+/)
  return [...pages(), ...others].filter((it) => wanted.every((word) => it.title.toLowerCase().includes(word)))
}
