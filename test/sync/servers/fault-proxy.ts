import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { once } from '../../waits.ts'

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

export type Seen = { readonly method: string; readonly path: string; readonly bytes: Buffer; readonly fault: Fault }

/** A proxy between sender and receiver that fails, one HTTP request at a time, as `choose` orders. */
export class FaultProxy {
  readonly seen: Seen[] = []
  /** Connections open at this moment, and the most there were. */
  open = 0
  most = 0
  readonly #choose: (method: string, path: string) => Fault
  readonly #dripMs: number
  readonly #server = createServer((socket) => this.#serve(socket))
  readonly #sockets = new Set<Socket>()
  readonly #answers: Buffer[] = []
  #upstream = 0

  constructor(choose: (method: string, path: string) => Fault, dripMs: number) {
    this.#choose = choose
    this.#dripMs = dripMs
  }

  async listen(receiverUrl: string): Promise<string> {
    this.#upstream = Number(new URL(receiverUrl).port)
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** From now on the receiver is at another address: it was restarted. */
  redirectTo(receiverUrl: string): void {
    this.#upstream = Number(new URL(receiverUrl).port)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    this.open++
    this.most = Math.max(this.most, this.open)
    let received = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.open--
    })
    socket.on('data', (piece) => {
      received = Buffer.concat([received, piece])
      const length = messageLength(received)
      if (length === undefined) return
      const bytes = Buffer.from(received.subarray(0, length))
      received = received.subarray(length)
      void this.#handle(socket, bytes).catch(() => socket.destroy())
    })
  }

  async #handle(socket: Socket, bytes: Buffer): Promise<void> {
    const [method = '', path = ''] = bytes.toString('latin1', 0, 200).split(' ', 2)
    const fault = this.#choose(method, path)
    this.seen.push({ method, path, bytes, fault })
    const canned = CANNED[fault]
    if (canned !== undefined) return void socket.write(canned())
    switch (fault) {
      case 'reset':
        return void socket.resetAndDestroy()
      case 'swallow-request':
        return
      case 'swallow-answer':
        await this.#forward(bytes)
        return
      case 'cut-request':
        this.#forward(bytes.subarray(0, bytes.length / 2)).catch(() => undefined)
        return void socket.destroy()
      default:
        return this.#answer(socket, fault, await this.#forward(bytes, fault === 'twice' ? 2 : 1), path)
    }
  }

  async #answer(socket: Socket, fault: Fault, answer: Buffer, path: string): Promise<void> {
    const old = this.#answers[0]
    if (path.endsWith('/events') && answer.includes('acked_seq')) this.#answers.push(answer)
    if (fault === 'old-answer') return void socket.write(old ?? answer)
    if (fault === 'cut-answer') return void socket.end(answer.subarray(0, answer.length - 20))
    if (fault !== 'drip') return void socket.write(answer)
    for (const byte of answer) {
      if (socket.destroyed) return
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setTimeout(resolve, this.#dripMs))
    }
  }

  /** Sends a request to the receiver, `times` at once on separate connections; resolves with the last answer. */
  async #forward(bytes: Buffer, times = 1): Promise<Buffer> {
    const answers = await Promise.all(Array.from({ length: times }, () => exchange(this.#upstream, bytes)))
    return answers.at(-1) ?? Buffer.alloc(0)
  }
}

/** Length of the first whole HTTP message in the bytes; undefined while it is not whole. */
function messageLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const body = Number(/\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? 0)
  return bytes.length >= end + 4 + body ? end + 4 + body : undefined
}

function exchange(port: number, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the receiver closed the connection')))
    socket.on('data', (piece) => {
      received = Buffer.concat([received, piece])
      if (messageLength(received) === undefined) return
      resolve(received)
      socket.destroy()
    })
    if (messageLength(request) === undefined) socket.once('connect', () => socket.destroy())
  })
}

function http(status: string, type: string, body: Buffer, more = ''): Buffer {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${more}\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

const WRONG_HEAD = Buffer.from(
  JSON.stringify({ acked_seq: 1, head: Buffer.alloc(32, 7).toString('base64url'), epoch: 1, duplicate: false }),
)

const CANNED: Partial<Record<Fault, () => Buffer>> = {
  'captive-portal': () => http('200 OK', 'text/html', Buffer.from('<h1>Welcome to the guest network</h1>')),
  'truncated-json': () => http('200 OK', 'application/json', WRONG_HEAD.subarray(0, 30)),
  wrong_head: () => http('200 OK', 'application/json', WRONG_HEAD),
  'huge-answer': () => http('200 OK', 'application/json', Buffer.alloc(100 << 20, 32)),
  'gzip-bomb': () =>
    http('200 OK', 'application/json', gzipSync(Buffer.alloc(8 << 20, 32)), 'Content-Encoding: gzip\r\n'),
  'no-gzip': () =>
    http('415 Unsupported Media Type', 'application/problem+json', Buffer.from('{"code":"unsupported_encoding"}')),
  redirect: () => http('302 Found', 'text/plain', Buffer.alloc(0), 'Location: http://127.0.0.1:1/\r\n'),
}
