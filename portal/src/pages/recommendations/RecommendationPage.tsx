import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { recommendationQuery } from '#/api/queries/posture'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Shown } from '#/ui/states'
import { RecommendationDetail } from './RecommendationDetail'

/** One recommendation as a page. */
export function RecommendationPage() {
  const { check } = useParams({ from: '/recommendations/$check' })
  const { resource } = useSearch({ from: '/recommendations/$check' })
  const navigate = useNavigate()
  const asked = useQuery(recommendationQuery(check))
  return (
    <Page
      title={asked.data?.title ?? check}
      sentence={
        <>
          <Link to="/recommendations">Recommendations</Link> › <code>{check}</code>
        </>
      }
    >
      <Shown of={asked}>
        {(of) => (
          <RecommendationDetail
            of={of}
            resource={resource}
            pick={(id) =>
              void navigate({
                to: '/recommendations/$check',
                params: { check },
                search: { resource: id },
                replace: true,
                resetScroll: false,
              })
            }
            wide
          />
        )}
      </Shown>
    </Page>
  )
}
