// The only file that knows `fetch`. Calls are typed by the OpenAPI document; whatever is not a success is thrown.
import createClient, { type Middleware } from 'openapi-fetch'
import { problemOf } from './errors'
import type { components, paths } from './generated/schema'

export type Schemas = components['schemas']

/** Called when the server says that nobody is signed in. */
type Listener = () => void
const signedOutListeners = new Set<Listener>()

/** Asks to be called whenever an answer says that the session is over. Gives back how to stop that. */
export function onSignedOut(listener: Listener): () => void {
  signedOutListeners.add(listener)
  return () => signedOutListeners.delete(listener)
}

const problems: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.ok || response.status === 304) return undefined
    const problem = await problemOf(response)
    const isSigningIn = schemaPath.startsWith('/api/v1/sign-in') || schemaPath === '/api/v1/me'
    if (problem.status === 401 && !isSigningIn) {
      for (const listener of signedOutListeners) listener()
    }
    throw problem
  },
}

/** One `GET`, `POST` … for each path of the document. `api.GET('/api/v1/score', { signal })`. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  headers: { accept: 'application/json' },
  // A filter that may be given several times is repeated: `severity=high&severity=critical`.
  querySerializer: { array: { style: 'form', explode: true } },
})
api.use(problems)

/** The body of an answer. Problems were thrown on the way, so what is left is data. */
export async function bodyOf<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await call
  if (data === undefined) throw new TypeError(`${response.url} answered without a body`)
  return data
}

/** The bytes at an address of the API in one of the forms that it knows, such as a whole list as `text/csv`. */
export async function fetchFile(path: string, accept: string): Promise<Blob> {
  const response = await fetch(path, { headers: { accept }, credentials: 'same-origin' })
  if (!response.ok) throw await problemOf(response)
  return response.blob()
}
