// One check as it is written: its predicate, its evidence, its cases and what they cover.
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { Schemas } from '#/api/client'
import { checkQuery } from '#/api/queries/content'
import { ownCheckQuery } from '#/api/queries/own-checks'
import { useControlName, useStandardName } from '#/components/names'
import { Link } from '#/ui/Link'
import { Page } from '#/ui/Page'
import { Badge, Code, Facts, Outside, Row, Section, Steps } from '#/ui/parts'
import { Severity } from '#/ui/Severity'
import { Shown } from '#/ui/states'
import { Cases } from './Cases'
import css from './content.module.css'
import { OwnCheck } from './OwnCheck'

type Check = Schemas['CheckDetail']

export function CheckPage() {
  const { check } = useParams({ from: '/content/checks/$check' })
  // Checks of one's own bear it in their id. Drafts of them are not among what judges.
  const isOwn = check.startsWith('own.')
  const asked = useQuery({ ...checkQuery(check), enabled: !isOwn })
  const own = useQuery({ ...ownCheckQuery(check), enabled: isOwn })
  return (
    <Page
      title={asked.data?.title ?? own.data?.title ?? check}
      sentence={
        <>
          <Link to="/content">Content</Link> › <code>{check}</code>
        </>
      }
      actions={
        <>
          <Link to="/recommendations/$check" params={{ check }} className={css.plainButton}>
            What it finds
          </Link>
          <Link to="/content/write" search={{ from: check }} className={css.plainButton}>
            Write one like it
          </Link>
        </>
      }
    >
      {isOwn ? <OwnCheck id={check} /> : null}
      {isOwn ? (
        <Shown of={own}>
          {(of) => (of.check == null ? <Code text={of.text} /> : <Whole of={of.check} />)}
        </Shown>
      ) : (
        <Shown of={asked}>{(of) => <Whole of={of} />}</Shown>
      )}
    </Page>
  )
}

function Whole({ of }: { of: Check }) {
  return (
    <div className={css.columns}>
      <div className={css.stack}>
        <Rule of={of} />
        <Cases of={of} />
      </div>
      <About of={of} />
    </div>
  )
}

/** What it looks at, and what it shows as proof. */
function Rule({ of }: { of: Check }) {
  return (
    <>
      {of.applies === undefined || of.applies === null ? null : (
        <Section title="It applies when">
          <Code text={of.applies} what="predicate" />
        </Section>
      )}
      <Section title="Unhealthy when" aside="openCypher over the resource r">
        <Code text={of.unhealthy} what="predicate" />
      </Section>
      <Section title="Evidence that it shows">
        <ul className={css.list}>
          {of.evidence.map((it) => (
            <li key={`${it.path ?? ''}${it.where ?? ''}${it.query ?? ''}`}>
              <code>{it.path ?? it.query}</code>
              {it.where === undefined || it.where === null ? null : (
                <span className={css.quiet}>
                  where <code>{it.where}</code>
                </span>
              )}
            </li>
          ))}
        </ul>
      </Section>
    </>
  )
}

function About({ of }: { of: Check }) {
  const controlName = useControlName()
  const standardName = useStandardName()
  return (
    <div className={css.stack}>
      <div className={css.head}>
        <Severity value={of.severity} />
        {of.own ? <Badge>yours</Badge> : null}
        <Badge>{of.status}</Badge>
      </div>
      <Section title="Why it matters">
        <p className={css.text}>{of.why}</p>
      </Section>
      <Section title="How to mend it">
        <Steps of={of.steps} />
        {of.cli.map((it) => (
          <Code key={it} text={it} what="command" />
        ))}
      </Section>
      <Section title="About">
        <Facts
          of={[
            [
              'Kinds',
              of.kinds.map((kind, n) => (
                <span key={kind}>
                  {n > 0 ? ', ' : ''}
                  <Link to="/inventory" search={{ kind: [kind] }}>
                    {kind}
                  </Link>
                </span>
              )),
            ],
            [
              'Control',
              <Link key="control" to="/score" search={{ control: of.control }}>
                {controlName(of.control)}
              </Link>,
            ],
            ['It cannot see', of.blindSpots],
            ['Since version', of.since],
            ['Replaced by', of.replacedBy],
            [
              'Techniques',
              of.techniques.length === 0 ? undefined : (
                <Row key="techniques">
                  {of.techniques.map((it) => (
                    <Badge key={it} title="MITRE ATT&CK">
                      {it}
                    </Badge>
                  ))}
                </Row>
              ),
            ],
            ...Object.entries(of.standards).map(
              ([standard, requirements]) =>
                [
                  standardName(standard),
                  requirements.map((it, n) => (
                    <span key={it}>
                      {n > 0 ? ', ' : ''}
                      <Link to="/compliance/$standard" params={{ standard }} search={{ open: it }}>
                        {it}
                      </Link>
                    </span>
                  )),
                ] as const,
            ),
          ]}
        />
      </Section>
      {of.sources.length === 0 ? null : (
        <Section title="Sources">
          <ul className={css.list}>
            {of.sources.map((it) => (
              <li key={it.url}>
                <Outside to={it.url} /> <span className={css.quiet}>read {it.read}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  )
}
