// From `application/problem+json` and failures of the network to a sentence that a person can act on.

/** A field of a form, or a parameter, with what is wrong about it. */
export interface FieldProblem {
  name: string
  detail: string
}

/** Why the server did not do what it was asked. */
export class ApiProblem extends Error {
  readonly status: number
  /** Which problem it is, in a word that does not change between versions; empty when no Merlon answered. */
  readonly code: string
  /** The request in the log of the server. */
  readonly requestId: string | null
  readonly fields: readonly FieldProblem[]
  /** Seconds after which it is worth trying again, when the server says so. */
  readonly retryAfter: number | null

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { requestId?: string | null; fields?: readonly FieldProblem[]; retryAfter?: number | null } = {},
  ) {
    super(detail)
    this.name = 'ApiProblem'
    this.status = status
    this.code = code
    this.requestId = more.requestId ?? null
    this.fields = more.fields ?? []
    this.retryAfter = more.retryAfter ?? null
  }
}

/** What this side has to say when something was not done, in words for a person. */
export class Told extends Error {
  readonly title: string

  constructor(title: string, detail: string) {
    super(detail)
    this.name = 'Told'
    this.title = title
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((it: unknown) =>
    isRecord(it) && typeof it.name === 'string' && typeof it.detail === 'string'
      ? [{ name: it.name, detail: it.detail }]
      : [],
  )
}

/** What an answer that is no success says. Never throws: a proxy may have answered with anything. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfter = Number.isFinite(seconds) ? seconds : null
  const requestId = response.headers.get('x-request-id')
  const text = await response.text().catch(() => '')
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    // Not ours: the words below say what there is to say.
  }
  if (!isRecord(body) || typeof body.detail !== 'string') {
    const detail = `The server answered ${response.status} ${response.statusText}`.trim()
    return new ApiProblem(response.status, '', detail, { requestId, retryAfter })
  }
  return new ApiProblem(response.status, typeof body.code === 'string' ? body.code : '', body.detail, {
    requestId: typeof body.requestId === 'string' ? body.requestId : requestId,
    fields: fieldsOf(body.fields),
    retryAfter,
  })
}

/** A detail of the server as a sentence: it starts with a capital and ends with a full stop. */
export function sentence(words: string): string {
  const trimmed = words.trim()
  if (trimmed === '') return ''
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?:]$/.test(start) ? start : `${start}.`
}

/** What went wrong, in a sentence, and what may help. */
export function explain(error: unknown): { title: string; detail: string; requestId: string | null } {
  if (error instanceof ApiProblem) {
    return { title: titleOf(error), detail: sentence(error.message), requestId: error.requestId }
  }
  if (error instanceof Told) return { title: error.title, detail: sentence(error.message), requestId: null }
  if (error instanceof TypeError) {
    return {
      title: 'The server does not answer',
      detail: 'Check that it runs and that you are connected, then try again.',
      requestId: null,
    }
  }
  const detail = error instanceof Error ? sentence(error.message) : ''
  return { title: 'Something went wrong in the portal', detail, requestId: null }
}

function titleOf(problem: ApiProblem): string {
  switch (problem.status) {
    case 400:
    case 422:
      return 'The server does not understand this'
    case 401:
      return 'You are signed out'
    case 403:
      return 'You may not do this'
    case 404:
      return 'There is no such thing, or none that you may see'
    case 409:
    case 412:
      return 'It has changed in the meantime'
    case 413:
      return 'This is too large'
    case 429:
      return problem.retryAfter === null
        ? 'Too many requests'
        : `Too many requests: try again in ${problem.retryAfter} s`
    case 503:
      return 'The server is starting, or its database is away'
    default:
      return problem.status >= 500 ? 'The server failed' : 'The server refused this'
  }
}

/** Whether asking again may help. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status === 503 || error.status === 502 || error.status === 504
  return error instanceof TypeError
}
