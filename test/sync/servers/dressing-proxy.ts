import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { once } from '../../waits.ts'

export type Asked = { readonly method: string; readonly path: string; readonly count: number }
export type Said = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }
/** The bytes that go over the wire instead of the receiver's own, piece by piece. `close`: the connection ends then. */
export type Dressed = { readonly pieces: readonly (Buffer | string)[]; readonly close?: boolean }
/** `early`: given before the body was read. */
export type Manner = {
  readonly early?: (asked: Asked) => Dressed | undefined
  readonly late?: (asked: Asked, said: Said) => Dressed | undefined
}

/** A proxy that rewrites a receiver's answers in other forms, all of which HTTP and the protocol allow. */
export class DressingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #counts = new Map<string, number>()
  readonly #manner: Manner
  #upstream = ''
  connections = 0

  constructor(manner: Manner) {
    this.#manner = manner
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async listen(receiverUrl: string): Promise<string> {
    this.#upstream = receiverUrl
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    this.connections++
    let received: Buffer = Buffer.alloc(0)
    let early = false
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (piece) => {
      received = Buffer.concat([received, piece])
      const end = received.indexOf('\r\n\r\n')
      if (end === -1 || early) return
      const head = received.toString('latin1', 0, end)
      const [method = '', path = ''] = head.split(' ', 2)
      const kind = `${method} ${path.split('/').at(-1)}`
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const asked = { method, path, count: this.#counts.get(kind) ?? 0 }
      const dressed = this.#manner.early?.(asked)
      if (dressed !== undefined) {
        early = true
        this.#counts.set(kind, asked.count + 1)
        return send(socket, dressed)
      }
      if (received.length < end + 4 + length) return
      const body = Buffer.from(received.subarray(end + 4, end + 4 + length))
      received = received.subarray(end + 4 + length)
      this.#counts.set(kind, asked.count + 1)
      void this.#answer(socket, asked, head, body).catch(() => socket.destroy())
    })
  }

  async #answer(socket: Socket, asked: Asked, head: string, body: Buffer): Promise<void> {
    const said = await this.#forward(asked, head, body)
    send(socket, this.#manner.late?.(asked, said) ?? { pieces: [plainly(said)] })
  }

  async #forward({ method, path }: Asked, head: string, body: Buffer): Promise<Said> {
    const lines = head.split('\r\n').slice(1)
    const headers = Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/s, 2) as [string, string]))
    const sent = httpRequest(`${this.#upstream}${path}`, { method, headers, agent: false })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const pieces: Buffer[] = []
    for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece)
    return { status: answer.statusCode ?? 0, headers: textOf(answer.headers), body: Buffer.concat(pieces) }
  }
}

/** Status line, headers and body as HTTP/1.1 has them, with a length. */
export function plainly({ status, headers, body }: Said, more: Record<string, string> = {}): Buffer {
  const all = { ...headers, ...more, 'content-length': String(body.length) }
  return Buffer.concat([Buffer.from(headOf('HTTP/1.1', status, all)), body])
}

export function headOf(version: string, status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${version} ${status} Said\r\n${lines.join('')}\r\n`
}

/**
 * The JSON of an answer with members changed; undefined removes one. Its digest is dropped, since it was of other
 * bytes.
 */
export function reworded(said: Said, change: (members: Record<string, unknown>) => Record<string, unknown>): Said {
  const members = JSON.parse(said.body.toString()) as Record<string, unknown>
  const { 'content-digest': _, ...headers } = said.headers
  return { ...said, headers, body: Buffer.from(JSON.stringify(change(members))) }
}

function send(socket: Socket, { pieces, close }: Dressed): void {
  for (const piece of pieces) socket.write(piece)
  if (close === true) socket.end()
}

function textOf(headers: IncomingHttpHeaders): Record<string, string> {
  const { 'transfer-encoding': _t, connection: _c, 'keep-alive': _k, 'content-length': _l, ...rest } = headers
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]))
}
