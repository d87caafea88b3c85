import {
  Avatar,
  Button,
  Menu,
  MenuDivider,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
} from '@fluentui/react-components'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '#/api/client'
import { meQuery } from '#/api/queries/people'
import { queryClient } from '#/query-client'
import {
  DesktopRegular,
  PersonRegular,
  SignOutRegular,
  WeatherMoonRegular,
  WeatherSunnyRegular,
} from '#/ui/icons'
import { notifyError } from '#/ui/notify'
import { chooseTheme, type ThemeChoice, useTheme } from '#/ui/theme'
import { tokens } from '#/ui/tokens'

const useStyles = makeStyles({
  who: { padding: '8px 12px', lineHeight: '18px' },
  name: { fontWeight: 600 },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const isChoice = (value: string | undefined): value is ThemeChoice =>
  value === 'light' || value === 'dark' || value === 'system'

/** Oneself: the own account, how the portal looks, and the way out. */
export function PersonMenu() {
  const styles = useStyles()
  const navigate = useNavigate()
  const { data: me } = useQuery(meQuery)
  const { choice } = useTheme()
  const signOut = useMutation({
    mutationFn: async (where: 'here' | 'everywhere') => {
      if (where === 'here') await api.POST('/api/v1/me/sign-out')
      else await api.POST('/api/v1/me/sign-out-everywhere')
    },
    onSuccess: () => {
      // Loading anew drops whatever the page still knows.
      queryClient.clear()
      window.location.assign('/sign-in')
    },
    onError: notifyError,
  })
  const name = me?.account.displayName ?? ''
  return (
    <Menu
      checkedValues={{ theme: [choice] }}
      onCheckedValueChange={(_, { checkedItems }) => {
        const next = checkedItems[0]
        if (isChoice(next)) chooseTheme(next)
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          shape="circular"
          icon={<Avatar name={name} size={28} color="brand" />}
          aria-label={`Account: ${name}`}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <div className={styles.who}>
            <div className={styles.name}>{name}</div>
            <div className={styles.quiet}>{me?.account.name}</div>
          </div>
          <MenuDivider />
          <MenuItem icon={<PersonRegular />} onClick={() => void navigate({ to: '/account' })}>
            Your account
          </MenuItem>
          <MenuDivider />
          <MenuGroupHeader>Theme</MenuGroupHeader>
          <MenuItemRadio name="theme" value="light" icon={<WeatherSunnyRegular />}>
            Light
          </MenuItemRadio>
          <MenuItemRadio name="theme" value="dark" icon={<WeatherMoonRegular />}>
            Dark
          </MenuItemRadio>
          <MenuItemRadio name="theme" value="system" icon={<DesktopRegular />}>
            As the system
          </MenuItemRadio>
          <MenuDivider />
          <MenuItem icon={<SignOutRegular />} onClick={() => signOut.mutate('here')}>
            Sign out
          </MenuItem>
          <MenuItem icon={<SignOutRegular />} onClick={() => signOut.mutate('everywhere')}>
            Sign out everywhere
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
