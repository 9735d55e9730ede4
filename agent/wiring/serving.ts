import type { Clock } from '../../base/clock.ts'
import { inUrl } from '../../base/listening.ts'
import type { Log } from '../../base/log.ts'
import { programFacts } from '../../base/version.ts'
import { adminSocketPath } from '../config/admin-socket.ts'
import type { Config } from '../config/config.ts'
import type { Credentials } from '../config/credentials.ts'
import { handedFile, renewalOf, secretReader } from '../config/credentials.ts'
import { configFingerprint } from '../config/fingerprint.ts'
import { isLoopback } from '../config/loopback.ts'
import { supportLine } from '../config/support.ts'
import { NETWORK_RATE } from '../config/tls.ts'
import { contractOf } from '../contract/contract-of.ts'
import type { ShapedLaw } from '../contract/laws.ts'
import { openAdminSocket } from '../http/admin.ts'
import type { Tls } from '../http/options.ts'
import type { HttpServer } from '../http/server.ts'
import { createHttpServer } from '../http/server.ts'
import { Drawing } from '../receipts/drawing.ts'
import { HAND_OVER } from '../state/state-directory.ts'
import type { Administration } from '../till/administration.ts'
import type { Application } from '../till/application.ts'
import type { TlsMaterial } from '../tls/material.ts'
import { TlsSource } from '../tls/material.ts'
import type { Diagnosis } from '../watch/diagnosis.ts'
import type { Meters } from '../watch/meters.ts'
import type { Closers } from './stop-order.ts'

export type ServingOptions = {
  application: Application
  administration: Administration
  readiness: Application['readiness']
  meters: Meters
  laws: readonly ShapedLaw[]
  version: string
  clock: Clock
  log: Log
  fault: (point: string) => void
  /** Resolves when a request may be parsed or answered. */
  slot: (holder: string) => Promise<void>
  /** The running work. */
  diagnose: () => Promise<Diagnosis>
  /** Folder in which a unit hands over secrets. */
  credentials?: Credentials
}

/** Opens the sale API and the admin socket; returns the address of the API. */
export async function serve(config: Config, options: ServingOptions, closers: Closers): Promise<string> {
  const { application, administration, readiness, meters, version, clock, log, fault, slot, diagnose } = options
  const tls = await tlsOf(config, options, closers)
  const rate = config.rate ?? (isLoopback(config.listen.host) ? undefined : NETWORK_RATE)
  const drawing = new Drawing(clock)
  closers.add('receipts', () => drawing.close())
  const server = createHttpServer(application, {
    described: { ...programFacts(), url: documentedUrl(config) },
    log,
    clock,
    fault,
    slot,
    contract: contractOf(options.laws),
    draw: drawing.draw,
    support: supportLine(config.support),
    allowedHosts: config.allowedHosts,
    allowedOrigins: config.allowedOrigins,
    names: (config.tls?.names ?? []).map(inUrl),
    ...(rate && { rate }),
    ...(tls && { tls: tls.material }),
    onAnswer: meters.noteRequest.bind(meters),
  })
  tls?.serve(server)
  const { port, missing } = await server.listen(config.listen)
  closers.add('front', () => server.close())
  for (const host of missing) log.warn({ host }, 'loopback address not available')
  const url = calledUrl(config, port)
  const configuration = configFingerprint(config)
  const describe = () => ({ url, version, configuration, ...readiness(), targets: [...application.sync()] })
  const path = adminSocketPath(config.state)
  const admin = await openAdminSocket({
    path,
    administration,
    describe,
    diagnose,
    handOver: HAND_OVER,
    clock,
    log,
  })
  // In parallel: a client may wait for both.
  closers.add('front', async () => {
    void server.close()
    await admin.close()
  })
  return url
}

/** For port 0, which a document cannot name. */
const USUAL_PORT = 7070
const HOSTS_WITH_LOOPBACK = new Set(['localhost', '0.0.0.0', '::'])

/**
 * The address under which others call. A server on all addresses is called by a name, and so is one with the shop's
 * certificate: it is valid for the names of the configuration and for loopback.
 */
export function calledUrl({ listen, tls }: Pick<Config, 'listen' | 'tls'>, port = listen.port): string {
  const { host } = listen
  const isNamed = isLoopback(host) || tls?.names.includes(host) === true
  const everywhere = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const called = isNamed ? host : (tls?.names[0] ?? everywhere)
  return `${tls === undefined ? 'http' : 'https'}://${inUrl(called)}:${port === 0 ? USUAL_PORT : port}`
}

/** The address in the OpenAPI document: from the configuration, so that each caller gets the same bytes. */
export function documentedUrl({ listen, tls }: Pick<Config, 'listen' | 'tls'>): string {
  const port = listen.port === 0 ? USUAL_PORT : listen.port
  const address = HOSTS_WITH_LOOPBACK.has(listen.host) ? '127.0.0.1' : listen.host
  return tls === undefined ? `http://${inUrl(address)}:${port}` : `https://${inUrl(tls.names[0] ?? address)}:${port}`
}

/** The TLS of the configuration, renewed in the running server; undefined without TLS. */
async function tlsOf(
  { tls, state }: Config,
  { credentials, clock, log }: ServingOptions,
  closers: Closers,
): Promise<{ material: Tls; serve: (server: HttpServer) => void } | undefined> {
  if (tls === undefined) return undefined
  const source = new TlsSource({
    settings: tls,
    stateDirectory: state,
    readSecret: secretReader(credentials),
    placeOf: handedFile(credentials),
    renew: renewalOf(credentials),
    clock,
    log,
  })
  const demandsClient = tls.clientCertificates === 'required'
  const served = (material: TlsMaterial): Tls => ({ ...material, demandsClient })
  let server: HttpServer | undefined
  const material = served(await source.open((renewed) => server?.renew(served(renewed))))
  closers.add('front', () => source.close())
  return {
    material,
    serve: (running) => {
      server = running
    },
  }
}
