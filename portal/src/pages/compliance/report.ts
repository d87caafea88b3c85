// How a standard fares, as files to hand on: a page to print that needs nothing else, and a table.
import type { Schemas } from '#/api/client'
import { standings, standingWord } from '#/components/Standing'
import { severityWord } from '#/ui/Severity'
import { csv } from '#/util/csv'
import { count, date, instant } from '#/util/format'
import { families } from './requirements'

export interface Report {
  standard: Schemas['StandardDetail']
  /** The recommendations of its checks, for the names of what is open. */
  recommendations: readonly Schemas['Recommendation'][]
  /** When it is made, RFC 3339. */
  made: string
  /** For whom: the account that made it. */
  by: string
}

const attestedWords: Record<Schemas['Attested'], string> = {
  compliant: 'met',
  nonCompliant: 'not met',
  withdrawn: 'withdrawn',
}

/** One row for each requirement. */
export function reportCsv({ standard }: Report): string {
  const head = ['requirement', 'chapter', 'title', 'state', 'unhealthy', 'unknown', 'healthy', 'checks']
  const attested = ['attested', 'attestedBy', 'attestedAt', 'attestedUntil', 'comment']
  return csv([
    [...head, ...attested],
    ...standard.requirements.map((it) => {
      const said = it.attestation
      return [
        it.id,
        it.family,
        it.title,
        it.state,
        it.unhealthy,
        it.unknown,
        it.healthy,
        it.checks.join(' '),
        said?.state,
        said?.by,
        said?.at,
        said?.until,
        said?.comment,
      ]
    }),
  ])
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it stands in HTML, whatever is in it. */
const safe = (text: string): string => text.replaceAll(/[&<>"']/g, (it) => escapes[it] ?? it)

const style = `body{font:14px/1.45 system-ui,sans-serif;color:#1b1b1b;max-width:960px;margin:32px auto;padding:0 24px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:28px 0 6px}p{margin:0 0 8px}.quiet{color:#555}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #ccc;padding:6px 8px 6px 0;text-align:left;vertical-align:top}
th{font-weight:600}.n{white-space:nowrap;font-family:ui-monospace,monospace;font-size:12px}.failed{color:#b10e1c;font-weight:600}
.passed{color:#0b6a0b;font-weight:600}.unknown{color:#6a4fb3;font-weight:600}ul{margin:4px 0 0;padding-left:18px}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}h2{break-after:avoid}}`

/** A page that can be printed, kept and sent: it loads nothing. */
export function reportHtml(report: Report): string {
  const { standard, made, by } = report
  const shares = standings.map((it) => `<tr><td>${standingWord(it)}</td><td>${count(standard[it])}</td></tr>`)
  const chapters = families(standard.requirements, {}).map(
    (family) =>
      `<h2>${safe(family.name)}</h2><table><thead><tr><th>No.</th><th>Requirement</th><th>State</th></tr></thead>` +
      `<tbody>${family.requirements.map((it) => requirement(it, report)).join('')}</tbody></table>`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${safe(standard.title)}</title><style>${style}</style></head><body>
<h1>${safe(standard.title)}</h1>
<p class="quiet">${safe(standard.id)} · made ${safe(instant(made))} by ${safe(by)} with Merlon</p>
<p>${count(standard.passed)} of ${count(standard.passed + standard.failed)} requirements that could be judged pass.
Requirements of which nothing was read, or that no check can judge, are named as such and count as neither.</p>
<table><tbody>${shares.join('')}</tbody></table>${chapters.join('')}</body></html>
`
}

/** A row: the requirement, what is open under it, and what a person attests. */
function requirement(it: Schemas['Requirement'], { recommendations }: Report): string {
  const open = recommendations.filter((one) => it.checks.includes(one.id) && one.counted.unhealthy > 0)
  const lines = open.map(
    (one) =>
      `<li>${safe(severityWord(one.severity))}: ${safe(one.title)} (${count(one.counted.unhealthy)} of ${count(one.counted.unhealthy + one.counted.healthy)} resources)</li>`,
  )
  const said = it.attestation
  const attested =
    said === undefined || said === null
      ? ''
      : `<p class="quiet">Attested as ${attestedWords[said.state]} by ${safe(said.by)} on ${safe(date(said.at))}${said.until === undefined || said.until === null ? '' : `, until ${safe(date(said.until))}`}: ${safe(said.comment)}${said.evidence.length === 0 ? '' : ` (evidence: ${said.evidence.map((file) => `${safe(file.name)}, SHA-256 ${safe(file.sha256)}`).join('; ')})`}</p>`
  return `<tr><td class="n">${safe(it.id)}</td><td>${safe(it.title)}${lines.length === 0 ? '' : `<ul>${lines.join('')}</ul>`}${attested}</td><td class="${it.state}">${standingWord(it.state)}</td></tr>`
}
