// What may pass from one end point to another: the ports, a packet that arrives, and every rule that it passes.
import { useQuery } from '@tanstack/react-query'
import { reachQuery } from '#/api/queries/rights'
import { Place } from '#/components/Reasons'
import { Badge, Facts } from '#/ui/parts'
import { Shown } from '#/ui/states'
import css from './network.module.css'

const words: Record<string, string> = {
  permits: 'Permits',
  routes: 'Routes',
  translates: 'Translates',
}

export function Passage({ from, to }: { from: string; to: string }) {
  const asked = useQuery(reachQuery(from, to))
  return (
    <Shown of={asked} rows={4}>
      {(of) => (
        <div className={css.passage} aria-live="polite">
          <p className={css.says}>{sentenceOf(of.answer, of.ports)}</p>
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
        </div>
      )}
    </Shown>
  )
}

function sentenceOf(answer: string, ports: string): string {
  switch (answer) {
    case 'yes':
      return `Yes: ${ports} may pass.`
    case 'no':
      return 'No: nothing may pass.'
    default:
      return ports === ''
        ? 'Not known: something that decides it was not read.'
        : `Not known: ${ports} could pass.`
  }
}
