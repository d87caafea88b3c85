// What an exemption is for and where it counts, as links.
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '#/api/client'
import { checksQuery } from '#/api/queries/content'
import { useControlName, useScopeName } from '#/components/names'
import { ResourceLink } from '#/components/ResourceLink'
import { Link } from '#/ui/Link'
import { placeOf, targetOf } from './lines'

export function Target({ of }: { of: Schemas['Target'] }) {
  const controlName = useControlName()
  const checks = useQuery(checksQuery).data
  const { check, control } = targetOf(of)
  if (check !== undefined) {
    return (
      <Link to="/recommendations/$check" params={{ check }} plain title={check}>
        {checks?.find((it) => it.id === check)?.title ?? check}
      </Link>
    )
  }
  if (control !== undefined) {
    return (
      <Link to="/score" search={{ control }} plain>
        All of “{controlName(control)}”
      </Link>
    )
  }
  return <span>Everything</span>
}

export function Where({ of }: { of: Schemas['Place'] }) {
  const scopeName = useScopeName()
  const { resource, scope } = placeOf(of)
  if (resource !== undefined) {
    return <ResourceLink id={resource} name={resource.split(/[/:]/).at(-1) ?? resource} />
  }
  if (scope !== undefined) {
    return (
      <Link to="/inventory" search={{ scope }} plain title={scope}>
        {scopeName(scope)}
      </Link>
    )
  }
  return <span>Everywhere</span>
}
