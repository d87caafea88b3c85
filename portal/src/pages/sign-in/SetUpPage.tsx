import { Page } from '#/ui/Page'

export function SetUpPage() {
  return <Page title="SetUpPage">{null}</Page>
}
