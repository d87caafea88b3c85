// One classification: what it finds and why, how it counts, and what one may do with it.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
} from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type Classification, criticalPage, deleteClassification } from '#/api/queries/critical'
import { kindsQuery } from '#/api/queries/resources'
import { ResourceLink } from '#/components/ResourceLink'
import { Link } from '#/ui/Link'
import { Badge, Code, Facts, Outside, Section } from '#/ui/parts'
import { SidePanel } from '#/ui/SidePanel'
import { Shown } from '#/ui/states'
import { count } from '#/util/format'
import { Level, OnSwitch } from './ClassificationsTab'
import css from './critical.module.css'
import type { CriticalSearch } from './search'
import { useChoice } from './use-choice'
import { assetWords } from './words'

export function ClassificationPanel({ of, close }: { of: Classification; close: () => void }) {
  const mayWrite = of.can.includes('classification.write')
  const navigate = useNavigate()
  return (
    <SidePanel title={of.title} subtitle={of.id} close={close} focus={false}>
      <div className={css.stack}>
        <p className={css.text}>{of.description}</p>
        <div className={css.choices}>
          <Field label="Level">
            <Level of={of} />
          </Field>
          <OnSwitch of={of} label={of.on ? 'On: its assets have this level' : 'Off: it marks nothing'} />
          {of.review ? <Badge title="Its assets have no level by it">only for review</Badge> : null}
        </div>
        <div className={css.choices}>
          {of.own ? (
            <>
              <Button
                disabledFocusable={!mayWrite}
                title={mayWrite ? undefined : 'Your roles do not include writing classifications'}
                onClick={() => void navigate({ to: '/critical-assets/write', search: { edit: of.id } })}
              >
                Change…
              </Button>
              <Delete of={of} may={mayWrite} close={close} />
            </>
          ) : null}
          <Link to="/critical-assets/write" search={{ from: of.id }}>
            Write one like it
          </Link>
        </div>
        <Found of={of} />
        <Section title="How it finds them">
          <Facts
            of={[
              ['Looks at', assetWords[of.assets]],
              ['Kinds', of.kinds.length === 0 ? undefined : <Kinds key="kinds" of={of.kinds} />],
              ['Label', of.label === undefined || of.label === null ? undefined : <code>:{of.label}</code>],
            ]}
          />
          <Code text={of.where} what="condition" />
        </Section>
        {of.references.length === 0 ? null : (
          <Section title="Read more">
            {of.references.map((it) => (
              <p key={it} className={css.text}>
                <Outside to={it} />
              </p>
            ))}
          </Section>
        )}
      </div>
    </SidePanel>
  )
}

function Kinds({ of }: { of: readonly string[] }) {
  const kinds = useQuery(kindsQuery).data
  return of.map((id, n) => (
    <span key={id}>
      {n > 0 ? ', ' : ''}
      <Link to="/inventory" search={{ kind: [id] }} title={id}>
        {kinds?.find((it) => it.id === id)?.title ?? id}
      </Link>
    </span>
  ))
}

/** The first assets for which it holds; the list has all. */
const FIRST = 8

function Found({ of }: { of: Classification }) {
  const list = of.review ? '/api/v1/critical-assets/review' : '/api/v1/critical-assets'
  // but for those of which somebody said that it is wrong
  const still: Pick<CriticalSearch, 'decision'> = of.review ? { decision: ['undecided', 'critical'] } : {}
  const asked = useQuery({
    queryKey: ['first_critical_assets', list, of.id],
    queryFn: ({ signal }) =>
      criticalPage(list, { classification: [of.id], ...still }, undefined, FIRST, signal),
    enabled: of.on,
  })
  if (!of.on) {
    return (
      <Section title="What it finds">
        <p className={css.quiet}>It is off: nothing has a level by it.</p>
      </Section>
    )
  }
  return (
    <Section
      title="What it finds"
      actions={
        of.matching > FIRST ? (
          <Link
            to="/critical-assets"
            search={{
              ...(of.review ? { tab: 'review' as const } : {}),
              classification: [of.id],
              ...still,
            }}
          >
            All {count(of.matching)}
          </Link>
        ) : undefined
      }
    >
      <Shown of={asked} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={css.quiet}>Nothing that was imported fits.</p>
          ) : (
            <ul className={css.found} aria-label="What it finds">
              {items.map((it) => (
                <li key={it.id}>
                  <ResourceLink id={it.id} name={it.name} kind={it.kind} />
                  <span className={css.grow} />
                  <Link to="/attack-paths" search={{ to: it.id }}>
                    Paths to it
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  )
}

function Delete({ of, may, close }: { of: Classification; may: boolean; close: () => void }) {
  const [isAsking, ask] = useState(false)
  const choice = useChoice(close)
  return (
    <>
      <Button
        disabledFocusable={!may || choice.isPending}
        title={may ? undefined : 'Your roles do not include writing classifications'}
        onClick={() => ask(true)}
      >
        Delete…
      </Button>
      <Dialog open={isAsking} onOpenChange={(_, { open }) => ask(open)}>
        <DialogSurface>
          <DialogBody>
            <DialogTitle>Delete {of.title}?</DialogTitle>
            <DialogContent>
              What is critical only by it is critical no longer. To keep it without effect, switch it off
              instead.
            </DialogContent>
            <DialogActions>
              <Button onClick={() => ask(false)}>Keep it</Button>
              <Button
                appearance="primary"
                onClick={() => {
                  ask(false)
                  choice.mutate({
                    says: `${of.title} is deleted`,
                    isBare: true,
                    act: () => deleteClassification(of.id),
                  })
                }}
              >
                Delete it
              </Button>
            </DialogActions>
          </DialogBody>
        </DialogSurface>
      </Dialog>
    </>
  )
}
