// What a classification would find of everything that was imported.
import { ResourceLink } from '#/components/ResourceLink'
import { useScopeName } from '#/components/names'
import { Figure, Section } from '#/ui/parts'
import { count, counted } from '#/util/format'
import css from './critical.module.css'
import type { Preview } from './use-preview'

/** Assets that are named before the rest is counted. */
const NAMED = 50

export function PreviewList({ of }: { of: Preview }) {
  const { data, lacks, problem } = of
  return (
    <Section title="What it finds" aside={of.isPending && lacks === '' ? 'trying' : undefined}>
      <div role="status" aria-live="polite">
        {lacks !== '' ? (
          <p className={css.quiet}>{lacks} Then it is tried here on everything that was imported.</p>
        ) : problem !== undefined ? (
          <p className={css.problem}>
            {of.place === undefined ? problem : 'It cannot be tried as the condition is written now.'}
          </p>
        ) : data === undefined ? (
          <p className={css.quiet}>Trying it on the inventory.</p>
        ) : (
          <>
            <div className={css.figures}>
              <Figure
                value={count(data.matching)}
                what={`of ${counted(data.lookedAt, 'resource')} that it looks at`}
              />
              {data.unknown === 0 ? null : (
                <Figure value={count(data.unknown)} what="could not be judged: something was not read" />
              )}
            </div>
            {data.lookedAt === 0 ? (
              <p className={css.quiet}>Nothing of what it looks at was imported yet.</p>
            ) : data.matching === 0 ? (
              <p className={css.quiet}>It holds for none of them.</p>
            ) : null}
          </>
        )}
      </div>
      {data === undefined || data.items.length === 0 ? null : <Items of={data} />}
    </Section>
  )
}

function Items({ of }: { of: NonNullable<Preview['data']> }) {
  const scopeName = useScopeName()
  const shown = of.items.slice(0, NAMED)
  return (
    <>
      <ul className={css.found} tabIndex={0} aria-label="What it finds">
        {shown.map((it) => (
          <li key={it.id}>
            <span className={css.cut}>
              <ResourceLink id={it.id} name={it.name} kind={it.kind} />
            </span>
            <span className={css.grow} />
            <span className={css.quiet}>{scopeName(it.scope)}</span>
          </li>
        ))}
      </ul>
      {of.matching > shown.length ? (
        <p className={css.quiet}>The first {count(shown.length)}, by id.</p>
      ) : null}
    </>
  )
}
