import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export type Call = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }

type Tls = { readonly cert: string; readonly key: string }

/** A webhook's receiver, which answers as it is told to. */
export class HookServer implements AsyncDisposable {
  readonly calls: Call[] = []
  readonly url: string
  /** Answers a call; 204 if nothing else was given. */
  answer: (response: ServerResponse) => void = (response) => void response.writeHead(204).end()
  #onCall: () => void = () => undefined
  readonly #close: () => Promise<void>

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  static async open(tls?: Tls): Promise<HookServer> {
    let hook: HookServer | undefined
    const listener: RequestListener = (request, response) => {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => pieces.push(piece))
      request.on('end', () => {
        const body = Buffer.concat(pieces).toString()
        hook?.take({ url: request.url ?? '', headers: request.headers, body }, response)
      })
    }
    const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const url = tls === undefined ? `http://127.0.0.1:${port}/hook` : `https://localhost:${port}/hook`
    hook = new HookServer(url, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return hook
  }

  /** Keeps a call, and answers it. */
  take(call: Call, response: ServerResponse): void {
    this.calls.push(call)
    this.answer(response)
    this.#onCall()
  }

  /** Resolves when so many calls came. */
  async untilCalls(count: number): Promise<void> {
    while (this.calls.length < count)
      await new Promise<void>((resolve) => {
        this.#onCall = resolve
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

/**
 * Verifies a call as the text of Standard Webhooks says, without code of the agent: one of the signatures in the header
 * must be that of id, timestamp and body.
 */
export function isSigned({ headers, body }: Call, key: Buffer): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = createHmac('sha256', key).update(signed, 'utf8').digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .map((entry) => entry.split(','))
    .some(([version, text = '']) => {
      const given = Buffer.from(text, 'base64')
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
    })
}
