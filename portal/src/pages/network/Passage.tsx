// What may pass from one end point to another: the ports, a packet that arrives, and every rule that it passes.
import { mergeClasses } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { reachQuery } from '#/api/queries/rights'
import { Place } from '#/components/Reasons'
import { Link } from '#/ui/Link'
import { Badge, Facts } from '#/ui/parts'
import { Shown } from '#/ui/states'
import { count } from '#/util/format'
import css from './network.module.css'
import { portsOf } from './ports'

const words: Record<string, string> = {
  permits: 'Permits',
  routes: 'Routes',
  translates: 'Translates',
}

/** Ports that can be chosen by one press; any other can be typed. */
const CHOICES = 12

export function Passage(props: {
  from: string
  to: string
  /** Only what arrives at this port. */
  port: number | undefined
  choose: (port: number | undefined) => void
}) {
  const { from, to, port, choose } = props
  const whole = useQuery(reachQuery(from, to))
  const asked = useQuery(reachQuery(from, to, port))
  const ports = portsOf(whole.data?.ports ?? '')
  return (
    <div className={css.passage} aria-live="polite">
      <Shown of={asked} rows={4}>
        {(of) => (
          <>
            <p className={css.says}>{sentenceOf(of.answer, of.ports, port)}</p>
            {ports.length < 2 && port === undefined ? null : (
              <div className={css.ports} role="group" aria-label="Proof for one port">
                Proof for
                <Choice label="any port" isChosen={port === undefined} choose={() => choose(undefined)} />
                {ports.slice(0, CHOICES).map((it) => (
                  <Choice
                    key={it.label}
                    label={it.label}
                    isChosen={port === it.first}
                    choose={() => choose(it.first)}
                  />
                ))}
                {ports.length > CHOICES ? `and ${count(ports.length - CHOICES)} more` : null}
              </div>
            )}
            {of.answer === 'no' && from === 'internet' ? (
              <p className={css.text}>
                What a cloud serves by itself, such as a store, is open to whom its policies let in:{' '}
                <Link to="/identities" search={{ what: to }}>
                  who has access
                </Link>
                .
              </p>
            ) : null}
            <Facts of={[['A packet that arrives', of.packet]]} />
            {of.hops.length === 0 ? null : (
              <ol className={css.hops} aria-label="Rules that it passes">
                {of.hops.map((it, place) => (
                  <li key={place} className={css.hop}>
                    <span className={css.n}>{place + 1}</span>
                    <Badge>{words[it.does] ?? it.does}</Badge>
                    <span className={css.rule}>{it.rule}</span>
                    <Place resource={it.resource} path={it.path} />
                  </li>
                ))}
              </ol>
            )}
            {of.unread.length === 0 ? null : (
              <>
                <p className={css.text}>What was not read and could change the answer:</p>
                <ul className={css.unread}>
                  {of.unread.map((it) => (
                    <li key={it}>{it}</li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Shown>
    </div>
  )
}

function Choice({ label, isChosen, choose }: { label: string; isChosen: boolean; choose: () => void }) {
  return (
    <button
      type="button"
      className={mergeClasses(css.port, isChosen && css.portChosen)}
      aria-pressed={isChosen}
      onClick={choose}
    >
      {label}
    </button>
  )
}

function sentenceOf(answer: string, ports: string, port: number | undefined): string {
  const at = port === undefined ? '' : ` at port ${port}`
  switch (answer) {
    case 'yes':
      return `Yes: ${ports} may pass.`
    case 'no':
      return `No: nothing may pass${at}.`
    default:
      return ports === ''
        ? 'Not known: something that decides it was not read.'
        : `Not known: ${ports} could pass.`
  }
}
