import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { EmptyState } from '#/ui/states'

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <EmptyState title="There is nothing at this address" action={<Link to="/">Go to the overview</Link>}>
        The link may be old, or something that it names is gone.
      </EmptyState>
    </Page>
  )
}
