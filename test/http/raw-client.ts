import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { within } from '../waits.ts'

export type RawAnswer = { status: number; headers: Readonly<Record<string, string>>; body: string }

/** First whole answer in these bytes and how many it takes; undefined while it is not all there. */
function parseAnswer(bytes: Buffer, isHead = false): { answer: RawAnswer; end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const status = Number(statusLine.split(' ')[1])
  if (status === 100) return parseAnswer(bytes.subarray(headEnd + 4), isHead)
  const length = isHead || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? 0)
  const end = headEnd + 4 + length
  if (bytes.length < end) return undefined
  return { answer: { status, headers, body: bytes.subarray(headEnd + 4, end).toString('utf8') }, end }
}

/**
 * Writes bytes on a separate connection and waits for the first answer; undefined if the server closes without one.
 * `half` ends our direction after the bytes, like a client that sends nothing else.
 */
export function rawExchange(
  port: number,
  bytes: string | Buffer,
  options: { half?: boolean; to?: string; from?: string } = {},
): Promise<RawAnswer | undefined> {
  const from = options.from === undefined ? {} : { localAddress: options.from }
  const socket = connect({ port, host: options.to ?? '127.0.0.1', ...from })
  const answered = new Promise<RawAnswer | undefined>((resolve) => {
    let received = Buffer.alloc(0)
    const finish = (answer: RawAnswer | undefined): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const parsed = parseAnswer(received, String(bytes.slice(0, 5)) === 'HEAD ')
      if (parsed !== undefined) finish(parsed.answer)
    })
    socket.on('close', () => finish(undefined))
    socket.on('error', () => finish(undefined))
  })
  socket.write(bytes)
  if (options.half === true) socket.end()
  return within('an answer', answered, () => socket.destroy())
}

/** A connection that stays: answers come in the order of the requests. */
export class RawConnection {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #wake: () => void = () => undefined
  closed = false

  constructor(port: number, to = '127.0.0.1') {
    this.socket = connect(port, to)
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  /** The next answer; undefined once the server has closed. */
  async answer(): Promise<RawAnswer | undefined> {
    for (;;) {
      const parsed = parseAnswer(this.#received)
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.end)
        return parsed.answer
      }
      if (this.closed) return undefined
      await this.#change()
    }
  }

  async close(): Promise<void> {
    while (!this.closed) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
