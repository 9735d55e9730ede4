import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect as connectPlain, isIP } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { ConnectionOptions, NatsConnection, Server, ServerInfo, Transport } from '@nats-io/transport-node'
import { checkOptions, credsAuthenticator, NatsConnectionImpl, setTransportFactory } from '@nats-io/transport-node'
import { lookupWithin } from '../../base/names.ts'
import { CodedError } from '../../base/thrown.ts'
import type { OwnTrust } from '../../base/trust.ts'
import { clientTrust } from '../../base/trust.ts'
import { LINE_BYTES, LINE_FEED, NatsFrames } from './nats-frames.ts'
import { ADDRESS_MS, LOOPBACK, NAME_MS } from './receiver-address.ts'

/** Share of the time to connect that the lookup of a name may take. */
const NAME_SHARE = 0.8
const NO_SERVER = 'The server there is not a NATS server.'

/** The secrets for a server and its CA; read again at each connection. */
export type NatsSecrets = {
  /** Content of the credentials file. */
  readonly creds?: (() => Promise<Uint8Array>) | undefined
  /** Own CA, client certificate and key, PEM; for a `tls://` server. */
  readonly tls?: (() => Promise<OwnTrust>) | undefined
}

export type NatsConnectionOptions = NatsSecrets & {
  /** `tls://host:port`, or plain to a loopback address. */
  readonly servers: readonly string[]
  /** Time to connect to one of them, its name and TLS included. */
  readonly timeoutMs: number
}

/** Throws `target_address_insecure` if a journal would cross a network unencrypted. */
export function demandSafeServers(servers: readonly string[]): void {
  const isLocal = (server: string): boolean => LOOPBACK.test(server.replace(/^nats:\/\//, '').replace(/:\d{1,5}$/, ''))
  if (servers.every((server) => server.startsWith('tls://') || isLocal(server))) return
  throw new CodedError('target_address_insecure', 'A server is tls://…, or plain on a loopback address.')
}

/** A lost connection is not restored. Throws `target_address_insecure`, and the errors of files, server and system. */
export async function connectNats({ servers, timeoutMs, creds, tls }: NatsConnectionOptions): Promise<NatsConnection> {
  demandSafeServers(servers)
  const secure = servers.some((server) => server.startsWith('tls://'))
  setTransportFactory({ factory: () => new NatsTransport() })
  return NatsConnectionImpl.connect({
    servers: [...servers],
    timeout: timeoutMs,
    // A client that reconnects does so with the same secrets, and permanently leaves a server that refuses it twice.
    reconnect: false,
    // The other servers of a cluster are on other machines, to which nothing goes unencrypted.
    ignoreClusterUpdates: !secure,
    ...(secure && { tls: { ...(await tls?.()) } }),
    ...(creds && { authenticator: credsAuthenticator(await creds()) }),
  })
}

/**
 * The bytes of one connection. If a server says nothing, the client's own transport leaves its socket open until the
 * timeout; it also keeps all bytes before the first line, and trusts those that follow it before TLS.
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
  #resolveClosed: () => void = () => undefined
  readonly #closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve
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
      // The close reports how it ended.
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

  /** Closes it without notice: another one replaces it. */
  discard(): void {
    this.#isClosed = true
    this.#socket?.destroy()
  }

  async #open(server: Server, options: ConnectionOptions): Promise<void> {
    const { port, hostname: host } = server
    const lookup = lookupWithin((options.timeout ?? NAME_MS) * NAME_SHARE)
    const plain = connectPlain({ port, host, lookup, autoSelectFamilyAttemptTimeout: ADDRESS_MS })
    this.#socket = plain
    plain.setNoDelay(true)
    const info = await Promise.race([firstLine(plain), ended(plain)])
    const { tls_required: required, tls_available: available } = stated(info.line, options)
    // The configuration decides, not the first line, which comes unencrypted: anyone on the way may have sent it.
    const mustBeSecure = Boolean(options.tls) || required === true || available === true
    const socket = mustBeSecure ? await this.#secure(plain, info, server, options) : plain
    if (socket === plain && info.rest.length > 0) plain.unshift(info.rest)
    if (this.#isClosed) throw new Error('The connection was abandoned.')
    this.#info = info.line
    this.#isConnected = true
    let failed: Error | undefined
    socket.on('error', (error) => {
      failed = error
    })
    socket.once('close', () => this.#end(failed))
  }

  async #secure(plain: Socket, { rest }: FirstLine, server: Server, { tls }: ConnectionOptions): Promise<Socket> {
    if (rest.length > 0) throw new Error('The server sends more before TLS begins.')
    const name = server.tlsName === '' ? server.hostname : server.tlsName
    const about = { host: name, ...(isIP(name) === 0 && { servername: name }) }
    const socket = connectSecure({ ...clientTrust(ownOf(tls)), ...about, socket: plain })
    this.#socket = socket
    this.#isEncrypted = true
    await Promise.race([once(socket, 'secureConnect'), ended(socket)])
    return socket
  }

  #end(error: Error | undefined): void {
    if (this.#isClosed) return
    this.discard()
    if (error !== undefined) this.closeError = error
    // The caller of a connection that was not established learns of the failure directly.
    if (this.#isConnected) this.#resolveClosed()
  }
}

/** From the options of the client, which has names for more than these. */
function ownOf(tls: ConnectionOptions['tls']): OwnTrust {
  const { ca, cert, key } = tls ?? {}
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) }
}

type FirstLine = { readonly line: Buffer; readonly rest: Buffer }

/** The server's information about itself. Throws if it does not fit the configuration. */
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

/** The first line, and the bytes that came with it; the socket is paused. */
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
