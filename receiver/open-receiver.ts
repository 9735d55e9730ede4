import type { RequestListener, Server, ServerOptions } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { TlsOptions } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../base/clock.ts'
import { ConnectionLimits } from '../base/connection-limits.ts'
import { answerHalfClosed } from '../base/half-closed.ts'
import { bind } from '../base/listening.ts'
import { CodedError } from '../base/thrown.ts'
import { Unanswered } from '../base/unanswered-requests.ts'
import type { Log } from '../sync/protocol/log.ts'
import { LOOPBACK } from '../sync/protocol/receiver-address.ts'
import { Admission } from './admission.ts'
import { receiverApp } from './app.ts'
import { refuseBrokenRequests } from './broken-request.ts'
import { ChainDirectory } from './chain-directory.ts'
import type { Store } from './store.ts'
import { StoreTrouble } from './store-trouble.ts'
import type { StreamIngestOptions } from './stream-ingest.ts'
import { openIngest } from './stream-ingest.ts'

const BLOB_QUOTA_BYTES = 50e9
const HEADERS_TIMEOUT_MS = 10_000
const LIMITS: ServerOptions = {
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 << 10,
  // The app refuses it, with a problem.
  requireHostHeader: false,
}

/** PEM. With `clientCa` the receiver accepts only clients with a certificate of that CA. */
export type ReceiverTls = { readonly key: string; readonly cert: string; readonly clientCa?: string }

export type ReceiverOptions = {
  /** Stays open when the receiver closes. */
  readonly store: Store
  readonly listen: { readonly host: string; readonly port: number }
  /** Required for a host that is not a loopback address. */
  readonly tls?: ReceiverTls
  /** Limit of all blobs of one agent; default 50 GB. */
  readonly blobQuotaBytes?: number
  readonly streams?: readonly StreamIngestOptions[]
  /** Time from the connection to the last of the first headers, and for its TLS before them; default 10,000. */
  readonly headersTimeoutMs?: number
  readonly clock: Clock
  readonly log: Log
}

export type Receiver = {
  readonly url: string
  /** The certificate for connections from now on. */
  renew(tls: ReceiverTls): void
  close(): Promise<void>
}

/** Listens and reads the streams. Throws `receiver_address_insecure`, `stream_unavailable`, and the error of listening. */
export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { store, listen, tls, clock, log, streams } = options
  const host = listen.host === '::1' ? '[::1]' : listen.host
  if (tls === undefined && !LOOPBACK.test(host)) {
    throw new CodedError(
      'receiver_address_insecure',
      'Tokens must not cross a network unencrypted: give tls, or listen on 127.0.0.1.',
    )
  }
  const directory = new ChainDirectory(store)
  const trouble = new StoreTrouble(clock, log)
  const parts = { store, directory, admission: new Admission(), trouble, clock, log }
  const serve = receiverApp({ ...parts, blobQuotaBytes: options.blobQuotaBytes ?? BLOB_QUOTA_BYTES })
  const unanswered = new Unanswered()
  const app: RequestListener = (request, response) => {
    if (unanswered.admit(request, response)) serve(request, response)
  }
  const { server, renew } = serverOf(app, options)
  answerHalfClosed(server)
  const limits = new ConnectionLimits({ clock, log })
  limits.watch(server)
  refuseBrokenRequests(server, unanswered)
  // An expectation (§3.3) is ignored: the request is answered as any other.
  server.on('checkExpectation', app)
  const port = await bind(server, listen.host, listen.port)
  // Without memory for a connection: the listener continues as soon as there is some.
  server.on('error', ({ message }) => log.error({ error: message }, 'accept failed'))
  const closeServer = async (): Promise<void> => {
    limits.close()
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  const ingests: { close(): Promise<void> }[] = []
  try {
    for (const stream of streams ?? []) {
      const shards = (streams ?? []).filter(({ servers }) => isDeepStrictEqual(servers, stream.servers))
      const own = { shards: shards.map((shard) => shard.stream), store, directory, trouble, clock, log }
      ingests.push(await openIngest({ ...stream, ...own }))
    }
  } catch (error) {
    for (const ingest of ingests) await ingest.close()
    await closeServer()
    throw error
  }
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    renew,
    close: async () => {
      for (const ingest of ingests) await ingest.close()
      await closeServer()
    },
  }
}

function serverOf(
  app: RequestListener,
  { tls, headersTimeoutMs: headersTimeout = HEADERS_TIMEOUT_MS }: ReceiverOptions,
): { server: Server; renew: Receiver['renew'] } {
  // By default Node checks every 30 s, which is how long it then waits.
  const limits = { ...LIMITS, headersTimeout, connectionsCheckingInterval: Math.min(1_000, headersTimeout) }
  if (tls === undefined) return { server: createServer(limits, app), renew: () => undefined }
  const server = createTlsServer(
    { ...limits, ...tlsOptions(tls), allowHalfOpen: true, handshakeTimeout: headersTimeout },
    app,
  )
  return { server, renew: (renewed) => server.setSecureContext(tlsOptions(renewed)) }
}

function tlsOptions({ key, cert, clientCa }: ReceiverTls): TlsOptions {
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }
  return { key, cert, minVersion: 'TLSv1.2', ...clients }
}
