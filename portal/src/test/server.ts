// A server for tests of whole pages: answers by path and query. Import it before what asks, so that nothing asks the network.

interface Answer {
  status: number
  body: unknown
}

const answers: { method: string | undefined; path: string; query: Record<string, string>; answer: Answer }[] =
  []

/** What was asked, in its order: path and query. */
export const asked: string[] = []

/** The same with all that was sent: what writes is seen here. */
export const requests: { method: string; path: string; accept: string; body: string }[] = []

/** What was sent with one method to one path, oldest first: `sentTo('POST', '/api/v1/x')`. Bodies are JSON. */
export const sentTo = <T = unknown>(method: string, path: string): T[] =>
  requests
    .filter((it) => it.method === method && it.path === path)
    .map((it) => (it.body === '' ? undefined : JSON.parse(it.body)))

const real = window.fetch.bind(window)
window.fetch = async (input, init) => {
  const address = input instanceof Request ? input.url : String(input)
  const method = (input instanceof Request ? input.method : init?.method) ?? 'GET'
  const url = new URL(address, window.location.href)
  if (!url.pathname.startsWith('/api/')) return real(input, init)
  asked.push(url.pathname + url.search)
  const text = await textOf(input, init)
  const accept =
    input instanceof Request ? input.headers.get('accept') : new Headers(init?.headers).get('accept')
  requests.push({ method, path: url.pathname + url.search, accept: accept ?? '', body: text })
  // What was said last and with the most of the query counts.
  const found = answers
    .filter((it) => it.path === url.pathname && (it.method ?? method) === method)
    .filter((it) =>
      Object.entries(it.query).every(([name, value]) => url.searchParams.getAll(name).join() === value),
    )
    .sort((a, b) => Object.keys(a.query).length - Object.keys(b.query).length)
    .at(-1)
  const { status, body: said } = found?.answer ?? {
    status: 404,
    body: { detail: `nothing is at ${url.pathname}` },
  }
  const body: unknown = typeof said === 'function' ? await said(text) : said
  const type = status === 200 ? 'application/json' : 'application/problem+json'
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })
}

/** What was sent with a question. */
async function textOf(input: RequestInfo | URL, init: RequestInit | undefined): Promise<string> {
  return input instanceof Request ? input.clone().text() : String(init?.body ?? '')
}

/**
 * Lets a path answer when the query holds these values; several of one name joined by commas. `POST /api/v1/x` answers
 * that method alone. A function makes the answer of what was sent; with a promise of it, the test says when it comes.
 */
export function serve(path: string, body: unknown, query: Record<string, string> = {}, status = 200) {
  const [method, rest] = path.startsWith('/') ? [undefined, path] : path.split(' ', 2)
  answers.push({ method, path: rest ?? '', query, answer: { status, body } })
}

/** Forgets all answers and what was asked. */
export function forgetAnswers() {
  answers.length = 0
  asked.length = 0
  requests.length = 0
}
