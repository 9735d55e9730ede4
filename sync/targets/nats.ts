import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { JetStreamClient, JetStreamManager, PubAck, StreamInfo } from '@nats-io/jetstream'
import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { headers } from '@nats-io/transport-node'
import type { SignedHead } from '../protocol/chain-hash.ts'
import { sameBytes, ZERO_HASH } from '../protocol/chain-hash.ts'
import type { Batch } from '../protocol/envelope.ts'
import { signedEnd, WIRE_LIMITS } from '../protocol/envelope.ts'
import type { NatsSecrets } from '../protocol/nats-connection.ts'
import { connectNats, demandSafeServers } from '../protocol/nats-connection.ts'
import type { KnownChain, ShownEpoch } from '../protocol/shown-head.ts'
import type { StreamPlace } from '../protocol/stream-subject.ts'
import {
  agentPlaces,
  ENCODING_HEADER,
  MESSAGE_BYTES,
  placeOf,
  REGISTRATION_HEADER,
} from '../protocol/stream-subject.ts'
import { batchOf, SubjectHistory } from '../protocol/subject-history.ts'
import type { ChainFacts } from '../source.ts'
import { registrationDocument } from '../source.ts'
import type { Answer, Outgoing, Target } from '../target.ts'
import { staleEpoch } from '../target.ts'
import { faultOf } from './nats-fault.ts'
import { overlap } from './overlap.ts'

const compress = promisify(gzip)
const LIMITS = { maxEvents: 200, maxBytes: MESSAGE_BYTES - 4096, flushMs: 2000 }
const CONNECT_MS = 5_000
const REQUEST_MS = 10_000
/** Limit of the header fields of a message, without the registration. */
const FIELDS_BYTES = 1024
const WRONG_LAST_SEQUENCE = 10071
const LARGER_THAN_THE_STREAM_TAKES = 10054

export type NatsTargetOptions = StreamPlace &
  NatsSecrets & {
    readonly id: string
    /** `tls://host:port`, or plain to a loopback address. */
    readonly servers: readonly string[]
    /** Time to connect to a server, its name and TLS included; default 5 s. */
    readonly connectMs?: number
  }

/**
 * One chain as one JetStream subject, one batch a message. The optimistic lock is the stream sequence of the subject's
 * last message; a duplicate is accepted only after its hash was compared. Throws `target_address_insecure`, `subject_invalid`.
 */
export function natsTarget(options: NatsTargetOptions): Target {
  demandSafeServers(options.servers)
  return new NatsTarget(options)
}

type Link = {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
}
const TOO_LARGE = 'too_large'
/** The subject's last message. */
type Tail = { readonly seq: number; readonly head: Uint8Array; readonly streamSeq: number }
const START: Tail = { seq: 0, head: ZERO_HASH, streamSeq: 0 }
/** The most other chains of an agent in the stream, the newest first, that are asked for their epoch. */
const CHAINS_MOST = 10

class NatsTarget implements Target {
  readonly id: string
  readonly limits = LIMITS
  readonly #options: NatsTargetOptions
  #connection: NatsConnection | undefined
  #link: Link | undefined
  #tail = START

  constructor(options: NatsTargetOptions) {
    this.id = options.id
    this.#options = options
  }

  position(chain: ChainFacts, signal: AbortSignal): Promise<Answer> {
    return this.#guarded(signal, async () => {
      await this.#disconnect()
      const link = await this.#connect(signal)
      const { tail, newest, firstSeq } = await this.#readStream(link, chain)
      this.#tail = tail
      const position = { newestEpoch: newest?.epoch ?? 0, newest: newest && endOf(newest) }
      return { kind: 'position', headSeq: tail.seq, head: tail.head, forked: false, ...position, firstSeq }
    })
  }

  signedHead(chain: ChainFacts, upTo: number, signal: AbortSignal): Promise<SignedHead | undefined> {
    return this.#asked(signal, undefined, async ({ manager }) => {
      const { stream, subject } = placeOf(this.#options, chain.agentId, chain.chainId)
      const history = new SubjectHistory(manager, stream)
      const { seq, streamSeq } = this.#tail
      return upTo >= seq ? signedLast(history, subject) : signedUpTo(history, subject, upTo, streamSeq + 1)
    })
  }

  otherChains({ agentId, chainId }: ChainFacts, signal: AbortSignal): Promise<readonly KnownChain[]> {
    return this.#asked(signal, [], async ({ manager }) => {
      const chains: KnownChain[] = []
      for (const { stream, subject } of agentPlaces(this.#options, agentId)) {
        const { state } = await manager.streams.info(stream, { subjects_filter: subject })
        const last = await lastBatches(new SubjectHistory(manager, stream), Object.keys(state.subjects ?? {}))
        chains.push(...last.map(({ chain, epoch }) => ({ chainId: chain, epoch })))
      }
      return chains.filter((other) => other.chainId !== chainId)
    })
  }

  /** The first message carries the registration. */
  async register(): Promise<Answer> {
    return { kind: 'registered' }
  }

  deliver(chain: ChainFacts, batch: Outgoing, signal: AbortSignal): Promise<Answer> {
    return this.#guarded(signal, async () => {
      const link = this.#link
      if (link === undefined) return { kind: 'unknown', code: 'disconnected', message: 'There is no connection.' }
      if (batch.first <= this.#tail.seq) return this.#compare(link, chain, batch)
      if (batch.first > this.#tail.seq + 1 || !sameBytes(batch.prev, this.#tail.head)) return this.#gap()
      if (batch.text.length > WIRE_LIMITS.maxDecodedBytes) return tooLarge(MESSAGE_BYTES)
      return this.#publish(link, chain, batch, await compress(batch.text, { level: constants.Z_BEST_SPEED }))
    })
  }

  /** Messages carry their own signatures: it checks only that the stream still has them. */
  checkpoint(chain: ChainFacts, { seq, head }: SignedHead, signal: AbortSignal): Promise<Answer> {
    return this.#guarded(signal, async () => {
      if (this.#link === undefined) return { kind: 'unknown', code: 'disconnected', message: 'There is no connection.' }
      const { tail, newest, firstSeq } = await this.#readStream(this.#link, chain)
      this.#tail = tail
      if (newest !== undefined) return staleEpoch(newest.epoch, endOf(newest))
      return tail.seq === seq && sameBytes(tail.head, head)
        ? { kind: 'acked', ackedSeq: seq, head, firstSeq }
        : this.#gap()
    })
  }

  close(): Promise<void> {
    return this.#disconnect()
  }

  async #publish(link: Link, chain: ChainFacts, batch: Outgoing, payload: Uint8Array): Promise<Answer> {
    const { stream, subject } = placeOf(this.#options, chain.agentId, chain.chainId)
    const head = batch.hashes.at(-1) ?? batch.prev
    const fields = headers()
    fields.set(ENCODING_HEADER, 'gzip')
    const registration =
      batch.first === 1 ? Buffer.from(JSON.stringify(registrationDocument(chain))).toString('base64url') : ''
    if (registration !== '') fields.set(REGISTRATION_HEADER, registration)
    const mostBytes = Math.min(MESSAGE_BYTES, serverMost(link) - FIELDS_BYTES - registration.length)
    if (payload.length > mostBytes) return tooLarge(mostBytes)
    const acked = await link.client
      .publish(subject, payload, {
        msgID: `${chain.chainId}:${batch.first}-${batch.last}`,
        expect: { streamName: stream, lastSubjectSequence: this.#tail.streamSeq },
        headers: fields,
        timeout: REQUEST_MS,
        retries: 1,
      })
      .catch((error: unknown): PubAck | typeof TOO_LARGE | undefined => {
        if (!(error instanceof JetStreamApiError)) throw error
        if (error.code === WRONG_LAST_SEQUENCE) return undefined
        if (error.code === LARGER_THAN_THE_STREAM_TAKES) return TOO_LARGE
        throw error
      })
    if (acked === TOO_LARGE) return tooLarge(payload.length - 1)
    if (acked !== undefined && !acked.duplicate && acked.stream === stream) {
      this.#tail = { seq: batch.last, head, streamSeq: acked.seq }
      return { kind: 'acked', ackedSeq: batch.last, head }
    }
    // A duplicate may have had other content, and another program may have written: the content of the stream decides.
    this.#tail = (await this.#readStream(link, chain)).tail
    return batch.first <= this.#tail.seq ? this.#compare(link, chain, batch) : this.#gap()
  }

  async #compare(link: Link, chain: ChainFacts, batch: Outgoing): Promise<Answer> {
    const { stream, subject } = placeOf(this.#options, chain.agentId, chain.chainId)
    const history = new SubjectHistory(link.manager, stream)
    for await (const message of history.from(subject, batch.first, this.#tail.streamSeq + 1)) {
      const stored = await batchOf(message)
      if (stored.first <= batch.first) return overlap(stored, batch)
      break
    }
    return { kind: 'unknown', code: 'message_missing', message: `The stream has lost event ${batch.first}.` }
  }

  /**
   * The events of the chain in the stream, from which one on, and the newest epoch of the agent's others. Also checks
   * that the stream can still hold the chain, since it may have been made again, or changed.
   */
  async #readStream(
    link: Link,
    chain: ChainFacts,
  ): Promise<{ tail: Tail; newest: Batch | undefined; firstSeq: number }> {
    const { stream, subject } = placeOf(this.#options, chain.agentId, chain.chainId)
    const history = new SubjectHistory(link.manager, stream)
    const info = await link.manager.streams.info(stream, { subjects_filter: subject.replace(/[^.]+$/, '*') })
    const fault = streamFault(info)
    if (fault !== undefined) throw Object.assign(new Error(fault), { code: 'stream_unsafe' })
    const others = Object.keys(info.state.subjects ?? {}).filter((other) => other !== subject)
    // Anyone with access to the stream may have written another subject of the same epoch: its receivers know which one
    // they took.
    const newer = (await lastBatches(history, others)).filter(({ epoch }) => epoch > chain.epoch)
    const newest = newer.toSorted((one, other) => other.epoch - one.epoch)[0]
    const message = await history.last(subject)
    if (message === undefined) return { tail: START, newest, firstSeq: 1 }
    const { last: seq, head } = await batchOf(message)
    const first = await batchOf((await history.first(subject)) ?? message).catch(() => undefined)
    return { tail: { seq, head, streamSeq: message.seq }, newest, firstSeq: first?.first ?? 1 }
  }

  #gap(): Answer {
    return { kind: 'gap', expectedSeq: this.#tail.seq + 1, head: this.#tail.head }
  }

  async #connect(signal: AbortSignal): Promise<Link> {
    const { servers, creds, tls, connectMs: timeoutMs = CONNECT_MS } = this.#options
    const connection = await connectNats({ servers, timeoutMs, creds, tls })
    if (signal.aborted) {
      // Another call may have its own connection by now.
      await connection.close()
      throw new Error('The sync was stopped.')
    }
    // From here on every end of the call closes it: a server without JetStream refuses the next step.
    this.#connection = connection
    const manager = await jetstreamManager(connection, { timeout: REQUEST_MS })
    this.#link = { connection, client: jetstream(connection, { timeout: REQUEST_MS }), manager }
    return this.#link
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    this.#link = undefined
    await connection?.close()
  }

  /**
   * Asks something else on the connection that `position` has made; `nothing` if no answer comes, or `signal` aborts.
   */
  async #asked<Reply>(signal: AbortSignal, nothing: Reply, ask: (link: Link) => Promise<Reply>): Promise<Reply> {
    if (this.#link === undefined || signal.aborted) return nothing
    const abort = (): void => void this.#leave()
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await ask(this.#link)
    } catch {
      return nothing
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Ends with `signal`: work that still runs then ends without help, and leaves no connection. */
  async #guarded(signal: AbortSignal, act: () => Promise<Answer>): Promise<Answer> {
    let settle: (answer: Answer) => void = () => undefined
    const stopped = new Promise<Answer>((resolve) => {
      settle = resolve
    })
    const abort = (): void => {
      void this.#leave()
      settle({ kind: 'unknown', code: 'stopped', message: 'The sync was stopped.' })
    }
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    try {
      return await (signal.aborted ? stopped : Promise.race([stopped, this.#answered(signal, act)]))
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #answered(signal: AbortSignal, act: () => Promise<Answer>): Promise<Answer> {
    try {
      return await act()
    } catch (error) {
      // A stopped call has left already: the present connection belongs to another call.
      if (!signal.aborted) await this.#leave()
      return faultOf(error)
    }
  }

  /** Closing the connection is the only way to end a request of this client. */
  #leave(): Promise<void> {
    return this.#disconnect().catch(() => undefined)
  }
}

async function signedLast(history: SubjectHistory, subject: string): Promise<SignedHead | undefined> {
  const message = await history.last(subject)
  return message && signedEnd(await batchOf(message))
}

/** The message that ends there begins at most as many events earlier as a batch may have. */
async function signedUpTo(
  history: SubjectHistory,
  subject: string,
  upTo: number,
  end: number,
): Promise<SignedHead | undefined> {
  let signed: SignedHead | undefined
  for await (const message of history.from(subject, Math.max(1, upTo - LIMITS.maxEvents), end)) {
    const batch = await batchOf(message)
    if (batch.last > upTo) break
    signed = signedEnd(batch)
  }
  return signed
}

/** Ids of chains begin with the time of their creation. A message that is not a batch belongs to no epoch. */
async function lastBatches(history: SubjectHistory, subjects: readonly string[]): Promise<Batch[]> {
  const last: Batch[] = []
  for (const subject of subjects.toSorted().slice(-CHAINS_MOST)) {
    const message = await history.last(subject)
    const batch = message && (await batchOf(message).catch(() => undefined))
    if (batch !== undefined) last.push(batch)
  }
  return last
}

function endOf(batch: Batch): ShownEpoch | undefined {
  const signed = signedEnd(batch)
  return signed && { chainId: batch.chain, epoch: batch.epoch, ...signed }
}

/** A stream that may drop or age messages is not a place for a journal. */
function streamFault({ config }: StreamInfo): string | undefined {
  if (config.storage !== 'file') return 'The stream is not stored in files.'
  if (config.retention !== 'limits' || config.discard !== 'new') return 'The stream discards old messages.'
  if (config.max_age > 0 || config.max_msgs_per_subject > 0) return 'The stream forgets messages by age or number.'
  return undefined
}

/** The server's limit for one message, fields included; it may report another number at any time. */
function serverMost({ connection }: Link): number {
  return connection.info?.max_payload ?? Number.POSITIVE_INFINITY
}

function tooLarge(mostBytes: number): Answer {
  const message = `A message holds at most ${Math.max(0, mostBytes)} bytes (max_payload of the server, max_msg_size of the stream).`
  return { kind: 'too_large', code: 'too_large', message }
}
