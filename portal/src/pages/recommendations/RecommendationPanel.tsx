import { useQuery } from '@tanstack/react-query'
import { recommendationQuery } from '#/api/queries/posture'
import { Link } from '#/ui/Link'
import { SidePanel } from '#/ui/SidePanel'
import { Shown } from '#/ui/states'
import { RecommendationDetail } from './RecommendationDetail'

/** A recommendation beside the list; `pick` chooses the affected resource whose evidence is shown. */
export function RecommendationPanel(props: {
  check: string
  resource: string | undefined
  pick: (resource: string) => void
  close: () => void
}) {
  const asked = useQuery(recommendationQuery(props.check))
  return (
    <SidePanel
      title={asked.data?.title ?? props.check}
      subtitle={props.check}
      page={
        <Link
          to="/recommendations/$check"
          params={{ check: props.check }}
          search={props.resource === undefined ? {} : { resource: props.resource }}
        >
          Open as page
        </Link>
      }
      close={props.close}
    >
      <Shown of={asked}>
        {(of) => <RecommendationDetail of={of} resource={props.resource} pick={props.pick} wide={false} />}
      </Shown>
    </SidePanel>
  )
}
