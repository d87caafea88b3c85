import { Badge, Button } from '@fluentui/react-components'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas } from '#/api/client'
import { sessionsQuery } from '#/api/queries/account'
import { notifyError } from '#/ui/notify'
import { Shown } from '#/ui/states'
import { Time } from '#/ui/Time'
import { agentWords } from './agent'
import { Section, useSectionStyles } from './Section'

/** Where one is signed in. */
export function SessionsSection() {
  const styles = useSectionStyles()
  const sessions = useQuery(sessionsQuery)
  return (
    <Section title="Sessions" about="Where you are signed in. End what you do not know.">
      <Shown of={sessions} rows={2}>
        {(all) => (
          <ul className={styles.rows}>
            {all.map((it) => (
              <SessionRow key={it.number} of={it} />
            ))}
          </ul>
        )}
      </Shown>
    </Section>
  )
}

function SessionRow({ of }: { of: Schemas['Session'] }) {
  const styles = useSectionStyles()
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: async () => {
      await api.DELETE('/api/v1/me/sessions/{number}', { params: { path: { number: of.number } } })
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['me', 'sessions'] }),
    onError: notifyError,
  })
  return (
    <li className={styles.row}>
      <span className={styles.grow}>
        {agentWords(of.agent)} <span className={styles.quiet}>{of.address}</span>
      </span>
      <span className={styles.quiet}>
        used <Time at={of.used} />
      </span>
      {of.isThis ? (
        <Badge appearance="tint">This one</Badge>
      ) : (
        <Button size="small" disabledFocusable={end.isPending} onClick={() => end.mutate()}>
          End
        </Button>
      )}
    </li>
  )
}
