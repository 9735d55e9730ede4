import { randomUUID } from 'node:crypto'

/** What the demo needs of an answer: members by name, text where text is due. */
export type Answer = { readonly [member: string]: unknown }

export type Pos = {
  /** Throws {@link DemoError} for every answer that is not 2xx. */
  post(path: string, body: object, ifMatch?: string): Promise<Answer>
  get(path: string): Promise<Answer>
  text(path: string): Promise<string>
  pdf(path: string): Promise<Uint8Array>
  /** A finished export by its signed link. */
  download(url: string): Promise<Uint8Array>
}

/** Where it sends, until when. */
export type PosPlace = { url: string; stop: AbortSignal }

export class DemoError extends Error {
  override readonly name = 'DemoError'
  readonly code = 'demo_failed'
}

const ANSWER_LIMIT_MS = 20_000

/** A till: it knows an address, a key and nothing else. Told to stop it waits for no answer and asks nothing more. */
export function pos({ url, stop }: PosPlace, headers: Readonly<Record<string, string>>): Pos {
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(new URL(path, url), {
      ...init,
      signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    })
    if (response.ok) return response
    const problem = await response.text()
    throw new DemoError(`${init.method ?? 'GET'} ${path} was answered ${response.status}: ${problem.slice(0, 400)}`)
  }
  const json = async (response: Promise<Response>): Promise<Answer> => (await (await response).json()) as Answer
  return {
    post: (path, body, ifMatch) =>
      json(
        send(path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: {
            ...headers,
            'content-type': 'application/json',
            'idempotency-key': randomUUID(),
            ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
          },
        }),
      ),
    get: (path) => json(send(path, { headers })),
    text: async (path) => (await send(path, { headers: { ...headers, accept: 'text/plain' } })).text(),
    pdf: async (path) =>
      new Uint8Array(await (await send(path, { headers: { ...headers, accept: 'application/pdf' } })).arrayBuffer()),
    download: async (link) => new Uint8Array(await (await send(link, {})).arrayBuffer()),
  }
}

/** The text or number at a path of members; '' where there is none. */
export function at(answer: unknown, ...path: readonly string[]): string {
  let value = answer
  for (const name of path) value = typeof value === 'object' && value !== null ? (value as Answer)[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Throws {@link DemoError} where it is another one. */
export function mustBe(name: string, found: string, wanted: string): void {
  if (found !== wanted) throw new DemoError(`${name} is "${found}", it must be "${wanted}"`)
}
