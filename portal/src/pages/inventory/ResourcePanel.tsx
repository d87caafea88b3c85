// A resource beside the list that it stands in.
import { useQuery } from '@tanstack/react-query'
import { resourceQuery } from '#/api/queries/resources'
import { Link } from '#/ui/Link'
import { SidePanel } from '#/ui/SidePanel'
import { Shown } from '#/ui/states'
import { shortName } from './columns'
import { OverviewTab } from './OverviewTab'
import { ResourceHead } from './ResourceHead'
import css from './resource.module.css'

export function ResourcePanel({ id, close }: { id: string; close: () => void }) {
  const resource = useQuery(resourceQuery(id))
  return (
    <SidePanel
      title={resource.data?.name || shortName(id)}
      subtitle={resource.data?.kindTitle ?? resource.data?.kind}
      close={close}
      focus={false}
      page={
        <Link to="/inventory/$id" params={{ id }}>
          Open page
        </Link>
      }
    >
      <Shown of={resource}>
        {(it) => (
          <div className={css.stack}>
            <ResourceHead resource={it} />
            <OverviewTab resource={it} narrow />
          </div>
        )}
      </Shown>
    </SidePanel>
  )
}
