import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect as connectPlain, isIP } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { ConnectionOptions, NatsConnection, Server, ServerInfo, Transport } from '@nats-io/transport-node'
import { checkOptions, credsAuthenticator, NatsConnectionImpl, setTransportFactory } from '@nats-io/transport-node'
import { LINE_BYTES, LINE_FEED, NatsFrames } from './nats-frames.ts'
import { ADDRESS_MS, LOOPBACK } from './receiver-address.ts'

const NO_SERVER = 'What answers there is no NATS server.'

/** What is shown to a server, and what it is known by; read again at each connection. */
export type NatsSecrets = {
  /** Content of the credentials file. */
  readonly creds?: (() => Promise<Uint8Array>) | undefined
  /** Own CA, client certificate and key, PEM; where a server is `tls://`. */
  readonly tls?: (() => Promise<{ readonly ca?: string; readonly cert?: string; readonly key?: string }>) | undefined
}

export type NatsConnectionOptions = NatsSecrets & {
  /** `tls://host:port`, or plain to a loopback address. */
  readonly servers: readonly string[]
  /** To connect to one of them, its name and TLS included. */
  readonly timeoutMs: number
}

class NatsAddressError extends Error {
  override readonly name = 'NatsAddressError'
  readonly code = 'target_address_insecure'
}

/** Throws NatsAddressError where a journal would cross a network in clear. */
export function demandSafeServers(servers: readonly string[]): void {
  const isLocal = (server: string): boolean => LOOPBACK.test(server.replace(/^nats:\/\//, '').replace(/:\d{1,5}$/, ''))
  if (servers.every((server) => server.startsWith('tls://') || isLocal(server))) return
  throw new NatsAddressError('A server is tls://…, or plain on a loopback address.')
}

/** A connection that is lost stays so. Throws NatsAddressError, and what files, server and system answer. */
export async function connectNats({ servers, timeoutMs, creds, tls }: NatsConnectionOptions): Promise<NatsConnection> {
  demandSafeServers(servers)
  const secure = servers.some((server) => server.startsWith('tls://'))
  setTransportFactory({ factory: () => new NatsTransport() })
  return NatsConnectionImpl.connect({
    servers: [...servers],
    timeout: timeoutMs,
    // A client that connects again does so with what it was given, and leaves for good who refuses it twice.
    reconnect: false,
    // The others of a cluster are on other machines, to which nothing goes in clear.
    ignoreClusterUpdates: !secure,
    ...(secure && { tls: { ...(await tls?.()) } }),
    ...(creds && { authenticator: credsAuthenticator(await creds()) }),
  })
}

/**
 * The bytes of one connection. The client's own transport leaves the socket of a server open that says nothing until the time
 * is over, keeps whatever comes before the first line, and believes what comes behind it before TLS.
 */
class NatsTransport implements Transport {
  readonly lang = 'nats.js'
  readonly version = '3'
  closeError?: Error
  #socket: Socket | undefined
  #info: Uint8Array = new Uint8Array()
  #isEncrypted = false
  #isConnected = false
  #isClosed = false
  #tellClosed: () => void = () => undefined
  readonly #closed = new Promise<void>((resolve) => {
    this.#tellClosed = resolve
  })

  get isClosed(): boolean {
    return this.#isClosed
  }

  async connect(server: Server, options: ConnectionOptions): Promise<void> {
    try {
      await this.#open(server, options)
    } catch (error) {
      this.discard()
      throw error
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    yield this.#info
    const frames = new NatsFrames()
    try {
      for await (const piece of (this.#socket ?? []) as AsyncIterable<Buffer>) {
        if (!frames.follows(piece)) return this.#end(new Error(NO_SERVER))
        yield piece
      }
    } catch {
      // How it ended is told by its end.
    }
  }

  isEncrypted(): boolean {
    return this.#isEncrypted
  }

  send(frame: Uint8Array): void {
    if (!this.#isClosed) this.#socket?.write(frame)
  }

  async close(error?: Error): Promise<void> {
    this.#end(error)
  }

  disconnect(): void {
    this.#end(undefined)
  }

  closed(): Promise<void> {
    return this.#closed
  }

  /** Ends it without a word: another one takes its place. */
  discard(): void {
    this.#isClosed = true
    this.#socket?.destroy()
  }

  async #open(server: Server, options: ConnectionOptions): Promise<void> {
    const { port, hostname: host } = server
    const plain = connectPlain({ port, host, autoSelectFamilyAttemptTimeout: ADDRESS_MS })
    this.#socket = plain
    plain.setNoDelay(true)
    const info = await Promise.race([firstLine(plain), ended(plain)])
    const { tls_required: required, tls_available: available } = stated(info.line, options)
    // What was configured decides, not the first word, which comes in clear: anybody on the way may have said it.
    const mustBeSecure = Boolean(options.tls) || required === true || available === true
    const socket = mustBeSecure ? await this.#secure(plain, info, server, options) : plain
    if (socket === plain && info.rest.length > 0) plain.unshift(info.rest)
    if (this.#isClosed) throw new Error('The connection was given up.')
    this.#info = info.line
    this.#isConnected = true
    let failed: Error | undefined
    socket.on('error', (error) => {
      failed = error
    })
    socket.once('close', () => this.#end(failed))
  }

  async #secure(plain: Socket, { rest }: FirstLine, server: Server, { tls }: ConnectionOptions): Promise<Socket> {
    if (rest.length > 0) throw new Error('The server speaks on before its TLS.')
    const name = server.tlsName === '' ? server.hostname : server.tlsName
    const about = { host: name, ...(isIP(name) === 0 && { servername: name }) }
    const socket = connectSecure({ ...tls, ...about, socket: plain })
    this.#socket = socket
    this.#isEncrypted = true
    await Promise.race([once(socket, 'secureConnect'), ended(socket)])
    return socket
  }

  #end(error: Error | undefined): void {
    if (this.#isClosed) return
    this.discard()
    if (error !== undefined) this.closeError = error
    // Of one that never came about whoever asked for it is told at once.
    if (this.#isConnected) this.#tellClosed()
  }
}

type FirstLine = { readonly line: Buffer; readonly rest: Buffer }

/** What the server says of itself. Throws where it says that it cannot be used as it was configured. */
function stated(line: Buffer, options: ConnectionOptions): Partial<ServerInfo> {
  const info: Partial<ServerInfo> = JSON.parse(/^INFO\s+(\{.*\})/s.exec(line.toString('utf8'))?.[1] ?? 'null') ?? {}
  if (info.server_id === undefined) throw new Error(NO_SERVER)
  checkOptions(info as ServerInfo, options)
  return info
}

/** Rejects with whatever ends the socket. */
function ended(socket: Socket): Promise<never> {
  return new Promise((_, reject) => {
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('The server hung up.')))
  })
}

/** Up to the first line feed, and what came with it; the socket rests. */
function firstLine(socket: Socket): Promise<FirstLine> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let bytes = 0
    const take = (piece: Buffer): void => {
      pieces.push(piece)
      bytes += piece.length
      const isWhole = piece.includes(LINE_FEED)
      if (!isWhole && bytes <= LINE_BYTES) return
      socket.pause().off('data', take)
      const all = Buffer.concat(pieces)
      const end = all.indexOf(LINE_FEED) + 1
      if (isWhole && end <= LINE_BYTES) resolve({ line: all.subarray(0, end), rest: all.subarray(end) })
      else reject(new Error(NO_SERVER))
    }
    socket.on('data', take)
  })
}
