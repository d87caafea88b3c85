// A requirement: its state and why, the checks behind it, and what was attested.
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schemas } from '#/api/client'
import { recommendationsQuery } from '#/api/queries/posture'
import { Standing, standingAbout } from '#/components/Standing'
import { Link } from '#/ui/Link'
import { Section } from '#/ui/parts'
import { Severity, Verdict } from '#/ui/Severity'
import { SidePanel } from '#/ui/SidePanel'
import { Shown } from '#/ui/states'
import { count, counted } from '#/util/format'
import { Attested } from './Attested'
import css from './compliance.module.css'

/** Checks of a requirement that are listed before the rest is only counted. */
const LISTED = 30

export function RequirementPanel(props: {
  standard: Schemas['StandardDetail']
  of: Schemas['Requirement']
  close: () => void
}) {
  const { standard, of, close } = props
  return (
    <SidePanel title={`${of.id} ${of.title}`} subtitle={`${standard.title} · ${of.family}`} close={close}>
      <div className={css.panel}>
        <p className={css.lead}>
          <Standing value={of.state} />
          <span className={css.quiet}>{standingAbout[of.state]}.</span>
        </p>
        {of.checks.length === 0 ? null : (
          <Section
            title="Checks behind it"
            aside={`${count(of.unhealthy)} unhealthy, ${count(of.unknown)} unknown, ${count(of.healthy)} healthy assessments`}
          >
            <Checks standard={standard.id} of={of} />
          </Section>
        )}
        <Attested key={of.id} standard={standard} of={of} />
      </div>
    </SidePanel>
  )
}

/** The checks, the open ones first; those without resources are only counted. */
function Checks({ standard, of }: { standard: string; of: Schemas['Requirement'] }) {
  const [all, setAll] = useState(false)
  const asked = useQuery(recommendationsQuery({ standard: [standard] }, 1000))
  return (
    <Shown of={asked} rows={4}>
      {({ items }) => {
        const mine = items.filter((it) => of.checks.includes(it.id))
        const judged = mine.filter((it) => it.state !== 'notApplicable')
        const shown = all ? mine : judged.slice(0, LISTED)
        return (
          <>
            <ul className={css.checks}>
              {shown.map((it) => (
                <li key={it.id}>
                  <Severity value={it.severity} quiet />
                  <Link to="/recommendations/$check" params={{ check: it.id }} plain className={css.title}>
                    {it.title}
                  </Link>
                  <Verdict value={it.state} quiet />
                  <Link
                    to="/inventory"
                    search={{ check: [it.id], state: ['unhealthy'] }}
                    plain
                    className={css.figures}
                    title="Resources"
                  >
                    {count(it.counted.unhealthy)} of {count(it.counted.unhealthy + it.counted.healthy)}
                  </Link>
                </li>
              ))}
            </ul>
            {shown.length < of.checks.length ? (
              <button type="button" className={css.more} onClick={() => setAll(true)}>
                All {counted(of.checks.length, 'check')}, those without resources, too
              </button>
            ) : null}
          </>
        )
      }}
    </Shown>
  )
}
