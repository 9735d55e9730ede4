import { hash as digest, X509Certificate } from 'node:crypto'
import type { Agent } from 'node:http'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { PeerCertificate } from 'node:tls'
import { checkServerIdentity } from 'node:tls'
import { isDeepStrictEqual, promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import { lookupWithin } from '../../base/names.ts'
import { SecretInvalidError } from '../../base/secret-file.ts'
import { CodedError } from '../../base/thrown.ts'
import { clientTrust } from '../../base/trust.ts'
import { withoutSecrets } from '../../base/without-secrets.ts'
import type { SignedHead } from '../protocol/chain-hash.ts'
import { contentDigest } from '../protocol/content-digest.ts'
import { ADDRESS_MS, NAME_MS, receiverBase } from '../protocol/receiver-address.ts'
import type { KnownChain } from '../protocol/shown-head.ts'
import { headDocument } from '../protocol/shown-head.ts'
import { AuthorityFileError } from '../secret-files.ts'
import type { ChainFacts } from '../source.ts'
import { registrationDocument } from '../source.ts'
import type { Answer, Outgoing, Target } from '../target.ts'
import { answerOf, chainsOf, decoded, signedHeadOf } from './http-answer.ts'
import type { HttpAnswer, HttpRequest } from './http-exchange.ts'
import { ExchangeError, exchange } from './http-exchange.ts'
import { httpsBlobs } from './https-blobs.ts'

const compress = promisify(gzip)
/** From this status on an answer has words of the target. */
const REFUSED = 300
/** Below both limits of a request, compressed or not. */
const LIMITS = { maxEvents: 200, maxBytes: 900_000, flushMs: 2000 }

/**
 * The most that a receiver lets a body expand, as a multiple of its size: it takes more for a bomb, and refuses it
 * permanently.
 */
const EXPANSION_MAX = 100

/** Compresses with Huffman codes alone if a thousand lines are equal: no text shrinks to less than an eighth so. */
async function compressed(text: Buffer): Promise<Buffer> {
  const body = await compress(text, { level: constants.Z_BEST_SPEED })
  return text.length <= body.length * EXPANSION_MAX
    ? body
    : await compress(text, { strategy: constants.Z_HUFFMAN_ONLY })
}

export type HttpsTargetOptions = {
  readonly id: string
  /** Base of `/v1/…`; plain `http:` only to a loopback address. */
  readonly url: string
  /** Reads the bearer token; asked again after a refusal. */
  readonly token: () => Promise<string>
  readonly clock: Clock
  readonly requestId: () => string
  /** Read again with each question for the position, so that a renewed certificate needs no restart. */
  readonly tls?: () => Promise<TlsMaterial>
}

/** Own CA as the only one, client certificate and key, all PEM; SHA-256 of the receiver's public key, base64. */
export type TlsMaterial = {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly spkiSha256?: string
}

/** The receiver takes only signed heads that end a batch. */
const NO_ROUTE = new Set([405, 501])

/**
 * One socket for each: one connection attempt at a time, in any state of the network. Blobs go only while events get
 * through.
 */
const POOL = {
  keepAlive: true,
  maxSockets: 1,
  autoSelectFamilyAttemptTimeout: ADDRESS_MS,
  lookup: lookupWithin(NAME_MS),
}
type Sockets = { readonly events: Agent; readonly blobs: Agent }

function plainSockets(): Sockets {
  return { events: new HttpAgent(POOL), blobs: new HttpAgent(POOL) }
}

function secureSockets({ spkiSha256, ...own }: TlsMaterial): Sockets {
  const options = {
    ...POOL,
    ...clientTrust(own),
    ...(spkiSha256 !== undefined && {
      checkServerIdentity: (host: string, peer: PeerCertificate) =>
        checkServerIdentity(host, peer) ?? pinError(peer, spkiSha256),
    }),
  }
  return { events: new HttpsAgent(options), blobs: new HttpsAgent(options) }
}

/** The sync protocol over HTTP. Throws `target_address_insecure` for plain http to any other machine. */
export function httpsTarget(options: HttpsTargetOptions): Target {
  const base = receiverBase(options.url)
  if (base === undefined)
    throw new CodedError('target_address_insecure', 'A sync url is https:, or http: to a loopback address.')
  return new HttpsTarget(options, base)
}

class HttpsTarget implements Target {
  readonly id: string
  readonly limits = LIMITS
  readonly #options: HttpsTargetOptions
  readonly #base: URL
  readonly blobs = httpsBlobs((...asked) => this.#exchange(...asked, 'blobs'))
  /** Made at the first use: those of a target with an own CA need no public authorities. */
  #agents: Sockets | undefined
  #material: TlsMaterial = {}
  #token: string | undefined
  #plain = false

  constructor(options: HttpsTargetOptions, base: URL) {
    this.id = options.id
    this.#options = options
    this.#base = base
  }

  async position(chain: ChainFacts, signal: AbortSignal): Promise<Answer> {
    const fault = await this.#readTls()
    return fault ?? this.#send('GET', `v1/chains/${chain.chainId}`, undefined, {}, signal)
  }

  async signedHead({ chainId }: ChainFacts, upTo: number, signal: AbortSignal): Promise<SignedHead | undefined> {
    const http = await this.#exchange('GET', `v1/chains/${chainId}/checkpoints?up_to=${upTo}`, undefined, {}, signal)
    return 'kind' in http ? undefined : signedHeadOf(http)
  }

  /** Reads the list from which a lost machine is restored. */
  async otherChains({ chainId, agentId }: ChainFacts, signal: AbortSignal): Promise<readonly KnownChain[]> {
    const http = await this.#exchange('GET', `v1/agents/${agentId}/backups?limit=1`, undefined, {}, signal)
    return 'kind' in http ? [] : chainsOf(http).filter((chain) => chain.chainId !== chainId)
  }

  async register(chain: ChainFacts, signal: AbortSignal): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(registrationDocument(chain)))
    const headers = { 'content-type': 'application/json', 'if-none-match': '*' }
    const http = await this.#exchange('PUT', `v1/chains/${chain.chainId}`, body, headers, signal)
    if ('kind' in http) return http
    return http.status >= 200 && http.status < 300 ? { kind: 'registered' } : answerOf(http)
  }

  async deliver(chain: ChainFacts, batch: Outgoing, signal: AbortSignal): Promise<Answer> {
    const path = `v1/chains/${chain.chainId}/events`
    const type = { 'content-type': 'application/x-ndjson' }
    if (!this.#plain) {
      const body = await compressed(batch.text)
      const http = await this.#exchange('POST', path, body, { ...type, 'content-encoding': 'gzip' }, signal)
      if ('kind' in http) return http
      if (http.status !== 415) return answerOf(http)
      this.#plain = true
    }
    return this.#send('POST', path, batch.text, type, signal)
  }

  async checkpoint(chain: ChainFacts, { seq, head, checkpoint }: SignedHead, signal: AbortSignal): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(headDocument({ ...chain, seq, head, checkpoint })))
    const headers = { 'content-type': 'application/json' }
    const http = await this.#exchange('POST', `v1/chains/${chain.chainId}/checkpoints`, body, headers, signal)
    if ('kind' in http) return http
    const answer = answerOf(http)
    // The receiver's answer to a signed head does not matter, as long as it is a success and not another head.
    const words = answer.kind === 'unknown' && answer.code === 'no_head'
    const isTaken = http.status === 204 || words || NO_ROUTE.has(http.status)
    return isTaken ? { ...dated(answer), kind: 'acked', ackedSeq: seq, head } : answer
  }

  async close(): Promise<void> {
    this.#destroyAgents()
  }

  #destroyAgents(): void {
    for (const agent of Object.values(this.#agents ?? {})) agent.destroy()
    this.#agents = undefined
  }

  #agent(socket: keyof Sockets): Agent {
    this.#agents ??= this.#base.protocol === 'http:' ? plainSockets() : secureSockets(this.#material)
    return this.#agents[socket]
  }

  async #readTls(): Promise<Answer | undefined> {
    if (this.#options.tls === undefined) return undefined
    try {
      const material = await this.#options.tls()
      if (isDeepStrictEqual(material, this.#material)) return undefined
      this.#destroyAgents()
      this.#material = material
      return undefined
    } catch (error) {
      if (error instanceof AuthorityFileError) return { kind: 'unknown', code: error.code, message: error.message }
      const code = (error as NodeJS.ErrnoException).code ?? 'certificate_unreadable'
      return { kind: 'unknown', code, message: 'A certificate or key file of the target cannot be read.' }
    }
  }

  async #send(
    method: HttpRequest['method'],
    path: string,
    body: Uint8Array | undefined,
    headers: HttpRequest['headers'],
    signal: AbortSignal,
  ): Promise<Answer> {
    const http = await this.#exchange(method, path, body, headers, signal)
    return 'kind' in http ? http : answerOf(http)
  }

  /**
   * The token as it is on disk: a new one must be in use before the old one is revoked. The last one, if the file
   * cannot be read.
   */
  async #bearer(): Promise<string> {
    const { token } = this.#options
    const present = await token().catch((error: unknown) => {
      if (this.#token === undefined) throw error
      return this.#token
    })
    this.#token = present
    return present
  }

  /** Tries again with the token that is now on disk, if it differs from the refused one. */
  async #exchange(
    method: HttpRequest['method'],
    path: string,
    body: Uint8Array | undefined,
    headers: HttpRequest['headers'],
    signal: AbortSignal,
    socket: keyof Sockets = 'events',
  ): Promise<HttpAnswer | Answer> {
    const { clock, token, requestId } = this.#options
    try {
      const used = await this.#bearer()
      const request = (bearer: string): HttpRequest => ({
        url: new URL(path, this.#base),
        method,
        headers: {
          ...headers,
          ...(body && { 'content-digest': contentDigest(body) }),
          authorization: `Bearer ${bearer}`,
          accept: 'application/json, application/problem+json',
          'accept-encoding': 'identity',
          'x-request-id': requestId(),
        },
        ...(body && { body }),
      })
      const answer = await exchange(request(used), this.#agent(socket), clock, signal)
      if (answer.status !== 401 && answer.status !== 403) return withoutTokens(answer, [used])
      this.#token = undefined
      const present = await token()
      const last = present === used ? answer : await exchange(request(present), this.#agent(socket), clock, signal)
      return withoutTokens(last, [used, present])
    } catch (error) {
      return unreachable(error)
    }
  }
}

/** A target may repeat the token in its refusal; the token must not reach log, status and page. */
function withoutTokens(http: HttpAnswer, tokens: readonly string[]): HttpAnswer {
  if (http.status < REFUSED) return http
  const said = (decoded(http.body, http.headers['content-encoding']) ?? http.body).toString('utf8')
  const text = withoutSecrets(said, tokens, '[redacted]')
  if (text === said) return http
  // Both are of the original body.
  const { 'content-digest': _digest, 'content-encoding': _encoding, ...headers } = http.headers
  return { ...http, headers, body: Buffer.from(text) }
}

function dated({ serverMs }: Answer): Pick<Answer, 'serverMs'> {
  return serverMs === undefined ? {} : { serverMs }
}

function unreachable(error: unknown): Answer {
  if (error instanceof ExchangeError) return { kind: 'unknown', code: error.code, message: error.message }
  if (error instanceof SecretInvalidError) return { kind: 'unknown', code: error.code, message: error.message }
  const code = (error as NodeJS.ErrnoException).code ?? 'token_unreadable'
  if (/^ERR_(OSSL|TLS|SSL|CRYPTO)/.test(code)) {
    return { kind: 'unknown', code, message: 'A certificate or key of the target cannot be used.' }
  }
  // An error may name the path of the token file, never its content.
  return { kind: 'unknown', code, message: 'The token of the target cannot be read or sent.' }
}

function pinError(peer: PeerCertificate, spkiSha256: string): Error | undefined {
  const spki = new X509Certificate(peer.raw).publicKey.export({ type: 'spki', format: 'der' })
  if (digest('sha256', spki, 'base64') === spkiSha256) return undefined
  return Object.assign(new Error('The target shows another public key than the pinned one.'), { code: 'spki_mismatch' })
}
