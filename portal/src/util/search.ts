// State in the address: what stands after `?`, read without trust and written without noise.
// A parameter that repeats is a list: `?severity=high&severity=critical`.

type Raw = Record<string, unknown>

/** The parameters of an address: one value as text, several as a list of texts. */
export function parseSearch(search: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {}
  for (const [name, value] of new URLSearchParams(search)) {
    const before = found[name]
    if (before === undefined) found[name] = value
    else found[name] = Array.isArray(before) ? [...before, value] : [before, value]
  }
  return found
}

/** The way back. What is empty, false or undefined is left out, so that a fresh page has a short address. */
export function stringifySearch(search: Raw): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined || one === null || one === '' || one === false) continue
      parameters.append(name, String(one))
    }
  }
  const text = parameters.toString().replaceAll('%2F', '/').replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}

/** One text; the first when it was given several times. */
export function text(value: unknown): string | undefined {
  const one: unknown = Array.isArray(value) ? value[0] : value
  if (typeof one === 'number' || typeof one === 'boolean') return String(one)
  return typeof one === 'string' && one !== '' ? one : undefined
}

/** All texts; `undefined` rather than an empty list, so that "none" and "not given" are the same. */
export function list(value: unknown): string[] | undefined {
  const all = (Array.isArray(value) ? value : [value]).flatMap((it) => text(it) ?? [])
  return all.length === 0 ? undefined : all
}

/** Those of the texts that are among the words that exist. */
export function words<const W extends string>(value: unknown, known: readonly W[]): W[] | undefined {
  const given = list(value) ?? []
  const found = known.filter((it) => given.includes(it))
  return found.length === 0 ? undefined : found
}

/** One of the words that exist. */
export function word<const W extends string>(value: unknown, known: readonly W[]): W | undefined {
  const given = text(value)
  return known.find((it) => it === given)
}

/** A whole number that is not negative. */
export function whole(value: unknown): number | undefined {
  const given = Number(text(value) ?? Number.NaN)
  return Number.isSafeInteger(given) && given >= 0 ? given : undefined
}

/** Whether a flag is set; `undefined` when it is not, so that it leaves the address. */
export function flag(value: unknown): true | undefined {
  const given = text(value)
  return given === 'true' || given === '1' ? true : undefined
}

/** An object without the entries that are undefined: what `exactOptionalPropertyTypes` asks for. */
export function present<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const key in object) {
    const value = object[key]
    if (isPresent(value)) kept[key] = value
  }
  return kept
}

function isPresent<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined
}
