import type { IncomingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Line, Reply } from '../../../agent/cli/conformance/losing-proxy.ts'
import { LosingProxy } from '../../../agent/cli/conformance/losing-proxy.ts'

export type Fault =
  | 'pass'
  /** The connection is reset before a byte is read. */
  | 'reset'
  /** The request is taken, and nothing ever comes back. */
  | 'swallow-request'
  /** The receiver gets it and answers; the answer is lost. */
  | 'swallow-answer'
  /** One byte of the answer each ten seconds. */
  | 'drip'
  | 'cut-request'
  | 'cut-answer'
  | 'captive-portal'
  | 'truncated-json'
  | 'wrong_head'
  | 'huge-answer'
  | 'gzip-bomb'
  | 'redirect'
  /** 415 for a compressed body, whatever it is. */
  | 'no-gzip'
  /** The request reaches the receiver twice at once. */
  | 'twice'
  /** The receiver gets it; the sender gets the answer to an earlier batch. */
  | 'old-answer'

export type Seen = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly fault: Fault
}

const BODY_MAX_BYTES = 256 << 20

/** A proxy between client and server that fails, one HTTP request at a time, as `choose` orders. */
export class FaultProxy {
  readonly seen: Seen[] = []
  readonly #choose: (method: string, path: string) => Fault
  readonly #dripMs: number
  readonly #proxy = new LosingProxy({ serve: (line) => this.#handle(line), bodyMaxBytes: BODY_MAX_BYTES })
  readonly #answers: Reply[] = []

  constructor(choose: (method: string, path: string) => Fault, dripMs: number) {
    this.#choose = choose
    this.#dripMs = dripMs
  }

  /** The most connections that were open at a time. */
  get most(): number {
    return this.#proxy.most
  }

  async listen(serverUrl: string): Promise<string> {
    this.redirectTo(serverUrl)
    return `http://127.0.0.1:${await this.#proxy.listen({ host: '127.0.0.1', port: 0 })}`
  }

  /** From now on the server is at another address: it was restarted. */
  redirectTo(serverUrl: string): void {
    this.#proxy.redirectTo(Number(new URL(serverUrl).port))
  }

  close(): Promise<void> {
    return this.#proxy.close()
  }

  async #handle(line: Line): Promise<void> {
    const { method, target: path, headers, body } = line.received
    const fault = this.#choose(method, path)
    this.seen.push({ method, path, headers, body, fault })
    const canned = CANNED[fault]
    if (canned !== undefined) return void line.send(canned())
    switch (fault) {
      case 'reset':
        return line.reset()
      case 'swallow-request':
        return
      case 'swallow-answer':
        await line.forward()
        return
      case 'cut-request':
        line.forwardHalf()
        return line.drop()
      default:
        return this.#answer(line, fault)
    }
  }

  async #answer(line: Line, fault: Fault): Promise<void> {
    const answers = await Promise.all(fault === 'twice' ? [line.forward(), line.forward()] : [line.forward()])
    const answer = answers.at(-1)
    if (answer === undefined) return line.drop()
    const old = this.#answers[0]
    if (line.received.target.endsWith('/events') && String(answer.body).includes('acked_seq'))
      this.#answers.push(answer)
    if (fault === 'cut-answer') return line.cut(answer)
    if (fault === 'drip') return line.drip(answer, () => new Promise((resolve) => setTimeout(resolve, this.#dripMs)))
    await line.send(fault === 'old-answer' ? (old ?? answer) : answer)
  }
}

function http(status: number, type: string, body: Buffer, more: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': type, ...more }, body }
}

const WRONG_HEAD = Buffer.from(
  JSON.stringify({ acked_seq: 1, head: Buffer.alloc(32, 7).toString('base64url'), epoch: 1, duplicate: false }),
)

const CANNED: Partial<Record<Fault, () => Reply>> = {
  'captive-portal': () => http(200, 'text/html', Buffer.from('<h1>Welcome to the guest network</h1>')),
  'truncated-json': () => http(200, 'application/json', WRONG_HEAD.subarray(0, 30)),
  wrong_head: () => http(200, 'application/json', WRONG_HEAD),
  'huge-answer': () => http(200, 'application/json', Buffer.alloc(100 << 20, 32)),
  'gzip-bomb': () => http(200, 'application/json', gzipSync(Buffer.alloc(8 << 20, 32)), { 'content-encoding': 'gzip' }),
  'no-gzip': () => http(415, 'application/problem+json', Buffer.from('{"code":"unsupported_encoding"}')),
  redirect: () => http(302, 'text/plain', Buffer.alloc(0), { location: 'http://127.0.0.1:1/' }),
}
