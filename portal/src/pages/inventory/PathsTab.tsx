// How an attacker gets to a resource, and where whoever holds it gets.
import type { Schemas } from '#/api/client'
import { Link } from '#/ui/Link'
import css from './resource.module.css'
import { BothWays } from './Ways'

export function PathsTab({ resource }: { resource: Pick<Schemas['ResourceDetail'], 'id'> }) {
  const { id } = resource
  return (
    <div className={css.stack}>
      <BothWays id={id} />
      <p className={css.line}>
        <Link to="/identities" search={{ what: id }}>
          Who may do something to it
        </Link>
        <Link to="/network" search={{ from: 'internet', to: id }}>
          What may pass to it from the internet
        </Link>
      </p>
    </div>
  )
}
