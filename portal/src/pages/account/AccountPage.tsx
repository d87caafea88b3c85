import { makeStyles } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { meQuery } from '#/api/queries/people'
import { Page } from '#/ui/Page'
import { Shown } from '#/ui/states'
import { space } from '#/ui/tokens'
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
  return (
    <Page
      title="Your account"
      sentence={
        me.data === undefined
          ? ' '
          : `You are ${me.data.account.displayName}, signed in as ${me.data.account.name}${
              me.data.account.secondFactor
                ? ', with a second factor.'
                : me.data.account.password
                  ? '. There is no second factor yet: an app makes a stolen password useless.'
                  : '.'
            }`
      }
    >
      <Shown of={me}>
        {({ account }) => (
          <div className={styles.sections}>
            <ProfileSection account={account} />
            {account.password ? <PasswordSection account={account} /> : null}
            {account.password ? <SecondFactorSection account={account} /> : null}
            <SessionsSection />
            <TokensSection />
          </div>
        )}
      </Shown>
    </Page>
  )
}
