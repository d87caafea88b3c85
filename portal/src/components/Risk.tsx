// How urgent a problem is here: a level, and what bears on it in words.
import type { Schemas } from '#/api/client'
import { Severity, severities, severityWord } from '#/ui/Severity'
import { count } from '#/util/format'

type Factor = Schemas['RiskFactor']

const factors: Record<Factor, string> = {
  attackPath: 'lies on an attack path',
  exposedWide: 'is exposed to the whole internet',
  exposedNarrow: 'is exposed to a part of the internet',
  exposedTrusted: 'is exposed to trusted ranges',
  notExposed: 'cannot be reached from the internet',
  anonymousAccess: 'answers whoever asks',
  vulnerability: 'has a vulnerability that can be exploited',
  criticalResource: 'is a critical asset',
  sensitiveData: 'holds sensitive data',
  lateralMovement: 'lets whoever holds it move on',
}

/** What a factor says of a resource, to be read behind its name. */
export const factorWords = (factor: Factor): string => factors[factor]

/** The same of several resources. */
export function factorOfMany(factor: Factor, n: number): string {
  if (n === 1) return `1 ${factors[factor]}`
  const words = factors[factor]
    .replace(/^is /, 'are ')
    .replace(/^has a vulnerability that/, 'have a vulnerability that')
    .replace(/^(lies|answers|holds|lets) /, (verb) => `${verb.trim().slice(0, -1)} `)
    .replace('are a critical asset', 'are critical assets')
    .replace('whoever holds it move', 'whoever holds them move')
  return `${count(n)} ${words}`
}

/** The level of an assessment; what bears on it on hover. */
export function RiskLevel({ of }: { of: Schemas['Risk'] | null | undefined }) {
  if (of === null || of === undefined) return <span aria-label="No risk">–</span>
  const said = of.factors.map((it) => `It ${factors[it]}`).join('\n')
  return (
    <span title={said === '' ? 'Nothing is known that moves it from its severity' : said}>
      <Severity value={of.level} />
    </span>
  )
}

/** What bears on the risk of one resource, as a sentence. */
export function riskSentence(of: Schemas['Risk'], severity: Schemas['Severity']): string {
  const words = of.factors.map((it) => factors[it])
  const last = words.at(-1)
  const because =
    last === undefined
      ? 'nothing is known that moves it'
      : `it ${words.length === 1 ? last : `${words.slice(0, -1).join(', ')} and ${last}`}`
  const way = severities.indexOf(of.level) - severities.indexOf(severity)
  const moved =
    way === 0
      ? `as its severity`
      : `${way < 0 ? 'above' : 'below'} its severity, which is ${severityWord(severity).toLowerCase()}`
  return `${severityWord(of.level)} risk, ${moved}: ${because}.`
}
