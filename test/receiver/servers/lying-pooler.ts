import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** The fate of a query: messages up to a Sync, or a simple query. */
export type Fate =
  | 'pass'
  /** The server gets nothing, the connection ends. */
  | 'cut'
  /** The server gets it, the connection ends before its answer. */
  | 'cut-answer'
  /** The server refuses it with that SQLSTATE. */
  | { readonly refuse: string }

const [SYNC, QUERY, TERMINATE, READY, IDLE] = [0x53, 0x51, 0x58, 0x5a, 0x49]

/** Returns whole messages from pieces; the first one of a client has no type before its length. */
class Messages {
  #rest = Buffer.alloc(0)
  #lengthAt: number

  constructor(lengthAt: 0 | 1) {
    this.#lengthAt = lengthAt
  }

  *of(bytes: Buffer): Generator<Buffer> {
    this.#rest = Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= this.#lengthAt + 4) {
      const end = this.#lengthAt + this.#rest.readUInt32BE(this.#lengthAt)
      if (this.#rest.length < end) return
      const message = this.#rest.subarray(0, end)
      this.#rest = this.#rest.subarray(end)
      this.#lengthAt = 1
      yield message
    }
  }
}

function refusal(state: string): Buffer {
  const text = Buffer.from(`DO $$ BEGIN RAISE EXCEPTION 'a lie' USING ERRCODE = '${state}'; END $$\0`)
  const head = Buffer.from([QUERY ?? 0, 0, 0, 0, 0])
  head.writeUInt32BE(text.length + 4, 1)
  return Buffer.concat([head, text])
}

function withoutSettings(startup: Buffer): Buffer {
  const named = startup
    .subarray(8)
    .toString('latin1')
    .replace(/options\0[^\0]*\0/, '')
  const shorter = Buffer.concat([startup.subarray(0, 8), Buffer.from(named, 'latin1')])
  shorter.writeUInt32BE(shorter.length)
  return shorter
}

export type PoolerOptions = {
  /** Asked for each question with its bytes as text. */
  readonly fateOf?: (question: string) => Fate
  /** Called after each transaction: whether the next one has another connection to the server. */
  readonly isExchanged?: () => boolean
  /** Connections to the server are asked for without the settings that the client wants. */
  readonly isForgetful?: boolean
}

/** The line of one client: its queries, and its present connection to the server. */
class Line {
  readonly #client: Socket
  readonly #path: string
  readonly #options: PoolerOptions
  #startup: Buffer | undefined
  #question: Buffer[] = []
  #server: Socket | undefined
  #isAnswerLost = false

  constructor(client: Socket, path: string, options: PoolerOptions) {
    this.#client = client
    this.#path = path
    this.#options = options
    const messages = new Messages(0)
    client.on('error', () => undefined).on('close', () => this.end())
    client.on('data', (bytes) => {
      for (const message of messages.of(bytes)) this.#said(message)
    })
  }

  end(): void {
    this.#server?.destroy()
    this.#client.destroy()
  }

  #said(message: Buffer): void {
    if (this.#startup === undefined) {
      this.#startup = this.#options.isForgetful === true ? withoutSettings(message) : message
      this.#server = this.#connect(this.#startup, true)
      return
    }
    this.#question.push(message)
    if (message[0] === TERMINATE) this.end()
    else if (message[0] === SYNC || message[0] === QUERY) this.#ask(Buffer.concat(this.#question.splice(0)))
  }

  #ask(question: Buffer): void {
    const fate = this.#options.fateOf?.(question.toString('latin1')) ?? 'pass'
    if (fate === 'cut') this.end()
    this.#isAnswerLost = fate === 'cut-answer'
    this.#server ??= this.#connect(this.#startup ?? question, false)
    this.#server.write(typeof fate === 'object' ? refusal(fate.refuse) : question)
  }

  /** The client has received the server's start messages, unless it is the first connection. */
  #connect(startup: Buffer, isFirst: boolean): Socket {
    const server = connect(this.#path)
    const messages = new Messages(1)
    let isHeard = isFirst
    server.on('error', () => undefined).on('close', () => server === this.#server && this.#client.destroy())
    server.on('data', (bytes) => {
      for (const message of messages.of(bytes)) {
        if (isHeard) this.#answered(message)
        isHeard ||= message[0] === READY
      }
    })
    server.write(startup)
    return server
  }

  #answered(message: Buffer): void {
    const isReady = message[0] === READY
    if (!this.#isAnswerLost) this.#client.write(message)
    else if (isReady) this.end()
    if (!isReady || message[5] !== IDLE || this.#options.isExchanged?.() !== true) return
    this.#server?.destroy()
    this.#server = undefined
  }
}

/** A TCP line to a database with a Unix socket. Returns the connection string of a role there. */
export async function lyingPooler(application: string, options: PoolerOptions): Promise<string> {
  const address = new URL(application)
  const path = join(address.searchParams.get('host') ?? '', '.s.PGSQL.5432')
  const lines: Line[] = []
  const server = createServer({ noDelay: true }, (client) => lines.push(new Line(client, path, options)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const line of lines) line.end()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return `postgresql://${address.username}@127.0.0.1:${port}/postgres`
}
