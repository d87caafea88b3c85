// A list as a file: the server streams it whole, as it is filtered, in the form that is asked for.
import { fetchFile } from './client'

const forms = {
  html: { accept: 'text/html', ending: 'html' },
  csv: { accept: 'text/csv', ending: 'csv' },
  ndjson: { accept: 'application/x-ndjson', ending: 'ndjson' },
} as const

/** The parameters of a list as they stand in its address; a list of values is repeated. */
export function parametersOf(query: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) parameters.append(name, String(one))
    }
  }
  return parameters.toString()
}

/** Fetches a whole list, or a report, and hands it to the browser as a file. Throws what the server says against it. */
export async function fetchAndSave(
  path: string,
  query: Readonly<Record<string, unknown>>,
  form: keyof typeof forms,
  name: string,
): Promise<void> {
  const { accept, ending } = forms[form]
  saveFile(await fetchFile(`${path}?${parametersOf(query)}`, accept), `${name}.${ending}`)
}

/** Gives bytes to the browser as a file. */
export function saveFile(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(bytes)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken hold of the bytes by the time that this runs.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
