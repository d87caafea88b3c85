// Common questions about a resource: each is asked by one press, or answered at once where an identity is named, too.
import { useQueries } from '@tanstack/react-query'
import { rightsQuery } from '#/api/queries/rights'
import { Link } from '#/ui/Link'
import { Badge, Section } from '#/ui/parts'
import { actionsKnownOn, wordsOfAction } from './actions'
import css from './identities.module.css'
import { answerWords, shortId } from './words'

export function Common({ who, what }: { who: string | undefined; what: string }) {
  const actions = actionsKnownOn(what)
  const answers = useQueries({
    queries: actions.map((action) => ({
      ...rightsQuery({ what, action, ...(who === undefined ? {} : { who }) }),
      enabled: who !== undefined,
      retry: false,
    })),
  })
  if (actions.length === 0) return null
  const name = shortId(what)
  return (
    <Section title={who === undefined ? `Who may …` : `What ${shortId(who)} may do to ${name}`}>
      <ul className={css.decisions} aria-label="Common questions">
        {actions.map((action, n) => {
          const answer = answers[n]
          const decision = answer?.data?.decisions[0]
          return (
            <li
              key={action}
              className={css.common}
              aria-busy={who !== undefined && answer?.isPending === true}
            >
              {who === undefined ? null : (
                <Badge>
                  {decision === undefined
                    ? answer?.isError === true
                      ? 'Not answered'
                      : '…'
                    : (answerWords[decision.answer] ?? decision.answer)}
                </Badge>
              )}
              <Link to="/identities" search={{ what, action, ...(who === undefined ? {} : { who }) }}>
                {wordsOfAction(action) === '' ? action : wordsOfAction(action)}
              </Link>
              <span className={css.id}>{action}</span>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
