import type { Consumer, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { pause } from '../base/clock.ts'
import { CodedError, messageOf } from '../base/thrown.ts'
import { ed25519Key, isUuid } from '../sync/protocol/chain-hash.ts'
import { EnvelopeError, verifyBatch } from '../sync/protocol/envelope.ts'
import { members, parseObject, textOf, wholeNumber } from '../sync/protocol/json.ts'
import type { Log } from '../sync/protocol/log.ts'
import type { NatsSecrets } from '../sync/protocol/nats-connection.ts'
import { connectNats } from '../sync/protocol/nats-connection.ts'
import { REGISTRATION_HEADER } from '../sync/protocol/stream-subject.ts'
import { batchOf, MessagesLeftError, SubjectHistory } from '../sync/protocol/subject-history.ts'
import type { KnownChain } from './chain-directory.ts'
import type { ReceiverParts } from './parts.ts'
import { wrongTenant } from './parts.ts'
import { Problem } from './problem.ts'
import { registrationOf } from './registration.ts'
import type { Registration } from './store.ts'
import { StoreBusyError } from './store.ts'

const PENDING_MOST = 32
const FETCH_MS = 5_000
const RETRY_MS = 2_000
const WAIT_MOST_MS = 60_000
/** The system's errors for a server that is unreachable. */
const AWAY = new Set(
  'ECONNREFUSED ECONNRESET ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND name_server_silent'.split(' '),
)

export type StreamIngestOptions = NatsSecrets & {
  readonly servers: readonly string[]
  readonly stream: string
  /** Name of the durable consumer; receivers with the same name share the work. */
  readonly durable: string
  /** The tenant's UUID for a tenant token of a subject; undefined for one that is not ours. */
  readonly tenantOf: (token: string) => string | undefined
}

type Parts = StreamIngestOptions &
  Pick<ReceiverParts, 'store' | 'directory' | 'trouble' | 'clock' | 'log'> & {
    /** Names of all streams of these servers that the receiver takes. */
    readonly shards: readonly string[]
  }

/**
 * `histories`: those of all streams of this server that the receiver takes; an epoch may be in another stream than the
 * next.
 */
type Running = Parts & { readonly history: SubjectHistory; readonly histories: readonly SubjectHistory[] }
type Message = Pick<JsMsg, 'subject' | 'seq' | 'data' | 'headers'>

/**
 * Takes batches out of JetStream into the store. A message is acknowledged, twice over, after the commit, so that a
 * second delivery is harmless. It waits for unreachable servers; shops with another way are not delayed. Throws
 * `stream_unavailable` for faults that no waiting fixes; later faults are retried.
 */
export async function openIngest(parts: Parts): Promise<{ close(): Promise<void> }> {
  const { log } = parts
  const opened = await openStream(parts).catch((error: unknown) => {
    if (!isAway(error)) throw unusable(parts, error)
    reportUnreachable(parts, error)
    return undefined
  })
  const stopping = new AbortController()
  const running = run(parts, opened, stopping.signal)
  return {
    close: async () => {
      stopping.abort()
      await running.catch((error: Error) =>
        log.warn({ code: 'stream_closed', error: error.message }, 'the stream ended'),
      )
    },
  }
}

function unusable({ stream, servers }: Parts, error: unknown): CodedError {
  return new CodedError(
    'stream_unavailable',
    `Stream ${stream} at ${servers.join(', ')}: ${messageOf(error)}. Check that the server runs ` +
      'with JetStream and has that stream, and "servers", "stream", "credsFile" and "tls" in the configuration.',
  )
}

/** No refusal: the server is unreachable so far. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = (error.cause ?? error) as { code?: unknown }
  return error.name === 'TimeoutError' || AWAY.has(String(code))
}

/** After any end of a connection, even a refusal, the next one reads the files again. */
async function run(parts: Parts, first: Opened | undefined, signal: AbortSignal): Promise<void> {
  for (let opened = first; !signal.aborted; opened = undefined) {
    opened ??= await waitForStream(parts, signal)
    if (opened !== undefined) await takeFrom(parts, opened, signal)
  }
}

/** Runs until the connection ends, or the stream cannot be read. */
async function takeFrom(parts: Parts, { connection, manager, consumer }: Opened, signal: AbortSignal): Promise<void> {
  const close = (): void => void connection.close()
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  const history = new SubjectHistory(manager, parts.stream)
  const histories = parts.shards.map((name) => new SubjectHistory(manager, name))
  try {
    while (!signal.aborted && !connection.isClosed()) {
      const messages = await consumer.fetch({ max_messages: PENDING_MOST, expires: FETCH_MS })
      for await (const message of messages) {
        if (signal.aborted) return
        await settle({ ...parts, history, histories }, message)
      }
    }
  } catch (error) {
    // Also for a stream that was made again: it no longer has the consumer.
    parts.log.warn({ code: 'stream_interrupted', error: messageOf(error) }, 'the stream could not be read')
  } finally {
    signal.removeEventListener('abort', close)
    await connection.close()
  }
}

/** The stream as soon as it can be read; undefined if the receiver stops before. */
async function waitForStream(parts: Parts, signal: AbortSignal): Promise<Opened | undefined> {
  const { clock, log, stream } = parts
  for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, WAIT_MOST_MS)) {
    await pause(clock, waitMs, signal)
    if (signal.aborted) return undefined
    try {
      const opened = await openStream(parts)
      log.info({ code: 'stream_connected', subject: stream }, 'the stream is connected')
      return opened
    } catch (error) {
      reportUnreachable(parts, error)
    }
  }
}

function reportUnreachable(parts: Parts, error: unknown): void {
  parts.log.warn({ code: 'stream_unreachable', error: unusable(parts, error).message }, 'waiting for a stream')
}

type Opened = Awaited<ReturnType<typeof openStream>>

async function openStream({ servers, stream, durable, creds, tls }: StreamIngestOptions) {
  const connection = await connectNats({ servers, timeoutMs: FETCH_MS, creds, tls })
  try {
    return { connection, ...(await consumerOf(connection, stream, durable)) }
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function consumerOf(
  connection: NatsConnection,
  stream: string,
  durable: string,
): Promise<{ manager: JetStreamManager; consumer: Consumer }> {
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    max_ack_pending: PENDING_MOST,
    ack_wait: 30_000 * 1_000_000,
  })
  return { manager, consumer: await jetstream(connection).consumers.get(stream, durable) }
}

async function settle(parts: Running, message: JsMsg): Promise<void> {
  const { log, trouble } = parts
  try {
    const expectedSeq = await store(parts, message)
    // The missing events are earlier in the stream: the store was rolled back, or messages came out of order.
    if (expectedSeq !== undefined) await catchUp(parts, message, expectedSeq)
  } catch (error) {
    if (error instanceof StoreBusyError) trouble.report(error)
    else if (error instanceof MessagesLeftError)
      log.info({ code: 'stream_catch_up', subject: message.subject }, error.message)
    else if (isHopeless(error)) reportRefused(log, message, error)
    else trouble.seldom(messageOf(error), () => reportRefused(log, message, error))
    // The message stays in the stream either way; one that can never verify is not offered again. Servers before 2.10.4
    // do not understand a reason, and would wait for the message without end.
    if (isHopeless(error)) message.term()
    else message.nak(RETRY_MS)
    return
  }
  await message.ackAck()
}

function reportRefused(log: Log, { seq, subject }: Message, error: unknown): void {
  log.error({ code: 'stream_refused', seq, subject, error: messageOf(error) }, 'a message is not taken')
}

/** True for faults that no retry fixes. */
function isHopeless(error: unknown): boolean {
  return error instanceof EnvelopeError || error instanceof Problem
}

/**
 * Takes the earlier messages of the subject from event `expectedSeq` on, then the message itself. Throws as `store`,
 * for the message that cannot be taken: the later ones of this chain wait for it, other chains do not. Throws
 * MessagesLeftError if the message must come again for the rest, after the others.
 */
async function catchUp(parts: Running, message: JsMsg, expectedSeq: number): Promise<void> {
  const { history, log } = parts
  log.warn({ code: 'stream_catch_up', subject: message.subject, seq: expectedSeq }, 'earlier messages are taken again')
  for await (const earlier of history.from(message.subject, expectedSeq, message.seq)) {
    if ((await store(parts, earlier)) !== undefined) break
    message.working()
  }
  const missing = await store(parts, message)
  if (missing === undefined) return
  // The shop has an acknowledgement of the stream, and does not send it again there.
  const remedy =
    'the receiver takes no event of it until the shop has sent that one over https: add an https target to its "sync"'
  throw new Problem('gap', `The stream does not contain event ${missing} of this chain; ${remedy}.`)
}

/**
 * Returns the seq of the missing event, if there is one. Throws EnvelopeError and Problem for permanent faults, other
 * errors for faults that may pass.
 */
async function store(parts: Running, message: Message): Promise<number | undefined> {
  const chain = await chainOf(parts, message)
  const batch = await batchOf(message)
  if (batch.chain !== chain.chainId || batch.epoch !== chain.epoch) {
    throw new Problem('forbidden', 'The subject is of another chain.')
  }
  verifyBatch(batch, chain.key)
  const appended = await parts.store.append(batch, message.data)
  if (appended.kind === 'fork') {
    parts.log.error({ code: 'fork', chain: chain.chainId, seq: appended.seq }, 'a chain has two histories')
  }
  if (appended.kind === 'stale_epoch') throw new Problem('stale_epoch', 'The agent has a newer epoch.')
  if (appended.kind === 'unknown_chain') {
    // The store was rolled back to before it was registered: the message comes again, and registers it.
    parts.directory.forget(chain.chainId)
    throw new Error('The store no longer has this chain.')
  }
  return appended.kind === 'gap' ? appended.expectedSeq : undefined
}

/** The chain of the subject, registered by its first message if it is new. */
async function chainOf(parts: Running, message: Message): Promise<KnownChain> {
  const [, , tenant, agentId = '', chainId = ''] = message.subject.split('.')
  const tenantId = parts.tenantOf(tenant ?? '')
  if (tenantId === undefined || !isUuid(agentId) || !isUuid(chainId)) {
    throw new Problem('forbidden', 'The subject is not of a tenant of ours.')
  }
  const ownerId = await parts.store.owners.tenantOf(agentId)
  if (ownerId !== undefined && ownerId !== tenantId) return refuseForeign(parts, message, tenantId)
  const chain = await parts.directory.find(chainId)
  if (chain !== undefined && chain.agentId !== agentId) {
    throw new Problem('forbidden', 'This is the chain of another agent.')
  }
  return chain ?? register(parts, message, tenantId, ownerId !== undefined)
}

/** Called before anything of the chain is read or locked. The evidence stays, the message does not. */
async function refuseForeign({ store }: Parts, message: Message, tenantId: string): Promise<never> {
  const [, , , agentId = '', chainId = ''] = message.subject.split('.')
  const seq = await batchOf(message).then(
    ({ first }) => first,
    () => undefined,
  )
  await store.owners.refuse({ agentId, tenantId, chainId, seq, bytes: message.data })
  throw wrongTenant()
}

/**
 * Takes the missing events of the epoch before from the streams: when the next one is registered, it closes that epoch,
 * and no message of it will come again. The next one does not wait for an epoch that cannot be completed.
 */
async function completeBefore(parts: Running, message: Message, { genesis }: Registration): Promise<void> {
  const { previous_chain_id, last_known_seq } = parseObject(genesis) ?? {}
  const [chainId, lastSeq] = [textOf(previous_chain_id), wholeNumber(last_known_seq, 1)]
  if (chainId === undefined || !isUuid(chainId) || lastSeq === undefined) return
  const headSeq = (await parts.store.chain(chainId))?.headSeq ?? 0
  if (headSeq >= lastSeq) return
  const subject = message.subject.split('.').with(1, '*').with(4, chainId).join('.')
  parts.log.warn({ code: 'stream_catch_up', subject, seq: headSeq + 1 }, 'earlier messages are taken again')
  try {
    for (const history of parts.histories) {
      for await (const earlier of history.from(subject, headSeq + 1, await history.end()))
        if ((await store({ ...parts, history }, earlier)) !== undefined) break
    }
  } catch (error) {
    if (!isHopeless(error)) throw error
    parts.log.error({ code: 'stream_refused', subject, error: messageOf(error) }, 'an epoch that ended is not whole')
  }
}

/**
 * No token announced the agent: its first journal does, if its first batch verifies and its first event names the agent.
 * Throws EnvelopeError, Problem.
 */
async function demandGenesis(first: Message, { agentId, chainId, epoch, publicKey }: Registration): Promise<void> {
  const batch = await batchOf(first)
  verifyBatch(batch, ed25519Key(publicKey))
  const { facts } = parseObject(batch.events[0]?.body ?? '') ?? {}
  const named = members(facts)?.['agent_id'] === agentId
  if (batch.first === 1 && batch.chain === chainId && batch.epoch === epoch && named) return
  throw new Problem('forbidden', 'The first event does not name this agent: announce it with "receiver token agent".')
}

async function register(parts: Running, message: Message, tenantId: string, isAnnounced: boolean): Promise<KnownChain> {
  const { store: chainStore, directory, history } = parts
  // The first message announces it; the store may have been rolled back to before that.
  const first = (await history.first(message.subject)) ?? message
  const announced = first.headers?.get(REGISTRATION_HEADER) ?? ''
  const registration = registrationOf(parseObject(Buffer.from(announced, 'base64url').toString('utf8')), tenantId)
  const [, , , agentId, chainId] = message.subject.split('.')
  // The server's permissions decide who may publish on the subject: no other chain may be registered there.
  const own = registration.chainId === chainId && registration.agentId === agentId
  if (!own) throw new Problem('forbidden', 'The subject is of another chain.')
  if (!isAnnounced) await demandGenesis(first, registration)
  await completeBefore(parts, message, registration)
  const { kind } = await chainStore.register(registration)
  if (kind === 'wrong_tenant') return refuseForeign(parts, message, tenantId)
  if (kind === 'stale_epoch') throw new Problem('stale_epoch', 'The agent has a newer epoch.')
  const chain = await directory.find(registration.chainId)
  if (chain === undefined) throw new Error('the registration was removed')
  return chain
}
