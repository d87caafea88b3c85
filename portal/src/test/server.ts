// A server for tests of whole pages: answers by path and query. Import it before what asks, so that nothing asks the network.

interface Answer {
  status: number
  body: unknown
}

const answers: { method: string | undefined; path: string; query: Record<string, string>; answer: Answer }[] =
  []

/** What was asked, in its order: path and query. */
export const asked: string[] = []

const real = window.fetch.bind(window)
window.fetch = async (input, init) => {
  const address = input instanceof Request ? input.url : String(input)
  const method = (input instanceof Request ? input.method : init?.method) ?? 'GET'
  const url = new URL(address, window.location.href)
  if (!url.pathname.startsWith('/api/')) return real(input, init)
  asked.push(url.pathname + url.search)
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
  const body: unknown = typeof said === 'function' ? said(await textOf(input, init)) : said
  const type = status === 200 ? 'application/json' : 'application/problem+json'
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type } })
}

/** What was sent with a question. */
async function textOf(input: RequestInfo | URL, init: RequestInit | undefined): Promise<string> {
  return input instanceof Request ? input.clone().text() : String(init?.body ?? '')
}

/**
 * Lets a path answer when the query holds these values; several of one name joined by commas. `POST /api/v1/x` answers
 * that method alone. A function makes the answer of what was sent.
 */
export function serve(path: string, body: unknown, query: Record<string, string> = {}, status = 200) {
  const [method, rest] = path.startsWith('/') ? [undefined, path] : path.split(' ', 2)
  answers.push({ method, path: rest ?? '', query, answer: { status, body } })
}

/** Forgets all answers and what was asked. */
export function forgetAnswers() {
  answers.length = 0
  asked.length = 0
}
