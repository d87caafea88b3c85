import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { passkeysQuery } from '#/api/queries/account'
import { meQuery } from '#/api/queries/people'
import { Page } from '#/ui/Page'
import { Shown } from '#/ui/states'
import { space } from '#/ui/tokens'
import { PasskeysSection } from './PasskeysSection'
import { PasswordSection } from './PasswordSection'
import { ProfileSection } from './ProfileSection'
import { SecondFactorSection } from './SecondFactorSection'
import { SessionsSection } from './SessionsSection'
import { TokensSection } from './TokensSection'

const useStyles = makeStyles({
  sections: { display: 'flex', flexDirection: 'column', gap: space.xl, maxWidth: '880px' },
})

/** Oneself: what others read of one, how one signs in, where one is signed in, and one's tokens. */
export function AccountPage() {
  const styles = useStyles()
  const me = useQuery(meQuery)
  const passkeys = useQuery(passkeysQuery)
  return (
    <Page
      title="Your account"
      sentence={me.data === undefined ? ' ' : words(me.data, (passkeys.data ?? []).length > 0)}
    >
      <Shown of={me}>
        {({ account }) => (
          <div className={styles.sections}>
            <ProfileSection account={account} />
            {account.password ? <PasswordSection account={account} /> : null}
            {account.password ? <SecondFactorSection account={account} /> : null}
            <PasskeysSection account={account} />
            <SessionsSection />
            <TokensSection />
          </div>
        )}
      </Shown>
    </Page>
  )
}

/** Who one is here, and how hard it is to be taken for one. */
function words({ account, secondFactorNeeded }: Schemas['Me'], hasPasskeys: boolean): string {
  const who = `You are ${account.displayName}, signed in as ${account.name}`
  if (account.secondFactor || hasPasskeys) return `${who}, with a second factor.`
  if (secondFactorNeeded) return `${who}. Set up an app or add a passkey: nothing else can be done before.`
  if (!account.password) return `${who}.`
  return `${who}. There is no second factor yet: a passkey or an app makes a stolen password useless.`
}
