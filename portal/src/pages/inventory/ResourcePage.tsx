// Everything that is known of one resource.
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { resourceQuery } from '#/api/queries/resources'
import { Page } from '#/ui/Page'
import { Shown } from '#/ui/states'

export function ResourcePage() {
  const { id } = useParams({ from: '/inventory/$id' })
  const resource = useQuery(resourceQuery(id))
  return (
    <Page title={resource.data?.name ?? ' '}>
      <Shown of={resource}>{(it) => <p>{it.id}</p>}</Shown>
    </Page>
  )
}
