import { randomUUID } from 'node:crypto'
import type { Answer, SendOptions } from '../../laws/demo-shift.ts'
import { DemoError } from '../../laws/demo-shift.ts'

export type Pos = {
  /** Throws {@link DemoError} for every answer that is not 2xx. */
  post(path: string, body: object, more?: SendOptions): Promise<Answer>
  patch(path: string, body: object, more?: SendOptions): Promise<Answer>
  get(path: string): Promise<Answer>
  text(path: string): Promise<string>
  pdf(path: string): Promise<Uint8Array>
  /** Downloads a finished export by its signed link. */
  download(url: string): Promise<Uint8Array>
}

/** The agent's address, and the signal that ends all requests. */
export type PosPlace = { url: string; stop: AbortSignal }

/** The demo's agent, its platform key and its folders. */
export type DemoPlace = PosPlace & { key: string; folder: string; state: string }

const ANSWER_LIMIT_MS = 20_000

/** A till that has only an address and a key. The stop signal aborts its open request and all later ones. */
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
  const change = (method: string, path: string, body: object, { version, key = randomUUID() }: SendOptions = {}) =>
    json(
      send(path, {
        method,
        body: JSON.stringify(body),
        headers: {
          ...headers,
          'content-type': 'application/json',
          'idempotency-key': key,
          ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
        },
      }),
    )
  return {
    post: (path, body, more) => change('POST', path, body, more),
    patch: (path, body, more) => change('PATCH', path, body, more),
    get: (path) => json(send(path, { headers })),
    text: async (path) => (await send(path, { headers: { ...headers, accept: 'text/plain' } })).text(),
    pdf: async (path) =>
      new Uint8Array(await (await send(path, { headers: { ...headers, accept: 'application/pdf' } })).arrayBuffer()),
    download: async (link) => new Uint8Array(await (await send(link, {})).arrayBuffer()),
  }
}
