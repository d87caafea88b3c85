// What the API says by word, as people say it.
import type { AttackPaths, Fix, Held } from '#/api/queries/attack'
import { type SeverityName, severities } from '#/ui/Severity'
import { count, counted } from '#/util/format'

/** A risk as a severity has a shape, a word and a colour. */
export const riskOf = (risk: string): SeverityName => severities.find((it) => it === risk) ?? 'info'

const likelihoods: Record<string, string> = {
  certain: 'Certain',
  high: 'Likely',
  medium: 'Possible',
  low: 'Unlikely',
}
export const likelihoodWord = (word: string): string => likelihoods[word] ?? word

/** `T1078.004` at MITRE; other techniques have no page that is known. */
export const isTechnique = (id: string): boolean => /^T\d{4}(\.\d{3})?$/.test(id)

/** The last part of an id. */
const lastOf = (id: string): string => id.split(/[/:]/).at(-1) || id

/** The name of a node; the end of its id where it has none. */
export function nameOf(it: { id: string; name: string }): string {
  if (it.id === 'internet') return 'The internet'
  return it.name === '' || it.name === it.id ? lastOf(it.id) : it.name
}

/** Who does something. */
export const actorOf = (it: { id: string; name: string }): string =>
  it.id === 'internet' ? 'Anybody on the internet' : nameOf(it)

/** What an attacker has of a node, in a few words that stand under its name. */
export function holdWords(it: Held): string {
  const state = it.state === undefined || it.state === null ? '' : `, ${it.state}`
  const port = it.port === undefined || it.port === null ? '' : `, TCP ${it.port}`
  const words = holds[it.hold] ?? it.hold
  return `${words}${port}${state}`
}

const holds: Record<string, string> = {
  internet: 'anybody',
  control: 'is controlled',
  contact: 'packets reach it',
  read: 'its data is read',
  write: 'its data is changed',
  invoke: 'it is called',
  administer: 'is administered',
  raise: 'has its rights raised',
  unbind: 'loses its permissions boundary',
  tag: 'has a tag set',
  untag: 'has a tag taken away',
  join: 'is joined',
}

/**
 * A fix as a person reads it: what to do, and at which step where it has no place in a document. The places stand beside it as
 * links: in the words they are named once, or counted.
 */
export function fixWords({ says, places }: Pick<Fix, 'says' | 'places'>): {
  does: string
  where: string | undefined
} {
  const at = places.length === 0 ? says.indexOf(': ') : -1
  const where = at < 0 ? undefined : says.slice(0, at)
  let does = at < 0 ? says : says.slice(at + 2)
  const [first] = places
  if (first !== undefined) {
    const named = places.length === 1 ? lastOf(first.resource) : counted(places.length, 'statement')
    does = does.replace(/ (out of|everything in|from) .*$/s, ` $1 ${named}`)
  }
  // A name is never written in another way.
  if (/^(take|do|close|detach) /.test(does)) does = does.charAt(0).toUpperCase() + does.slice(1)
  return { does: does.replace(/\.$/, ''), where }
}

/** The same position is the same text. */
export const positionOf = (it: Held): string =>
  JSON.stringify([it.id, it.hold, it.state ?? '', it.port ?? ''])

/** What is reached: "2 administrators", "1 administrator and 3 other targets". */
export function targetsWords(of: Pick<AttackPaths, 'paths'>): string {
  const targets = new Map(of.paths.map((it) => [it.target.id, it.target.hold]))
  const administered = [...targets.values()].filter((it) => it === 'administer').length
  const others = targets.size - administered
  if (administered === 0) return counted(others, 'target')
  const first = administered === 1 ? 'an administrator' : `${count(administered)} administrators`
  return others === 0 ? first : `${first} and ${counted(others, 'other target')}`
}
