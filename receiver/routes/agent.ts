import type { Request, Response, Router } from 'express'
import { checkpointHolds, HASH_BYTES } from '../../sync/protocol/chain-hash.ts'
import type { Batch } from '../../sync/protocol/envelope.ts'
import { checkpointOf, decodeBatch, verifyBatch, WIRE_LIMITS } from '../../sync/protocol/envelope.ts'
import { base64url, bytesOf, wholeNumber } from '../../sync/protocol/json.ts'
import { headDocument } from '../../sync/protocol/shown-head.ts'
import type { KnownChain } from '../chain-directory.ts'
import type { ReceiverParts } from '../parts.ts'
import { authenticate, chainOf, holderOf, numberParameter, uuidParameter, wrongTenant } from '../parts.ts'
import { Problem } from '../problem.ts'
import { registrationOf } from '../registration.ts'
import { readBatchText, readObject } from '../request-body.ts'
import { respond, unchanged } from '../respond.ts'
import type { Appended, StoredChain } from '../store.ts'
import { successionOf } from '../succession.ts'

const OBJECT_BYTES = 64 << 10
const CREDIT = { max_events: WIRE_LIMITS.maxEvents, max_bytes: WIRE_LIMITS.maxDecodedBytes, min_interval_ms: 0 }

/** The routes of an agent for its own chains: ask, register, append, sign. */
export function agentRoutes(router: Router, parts: ReceiverParts): void {
  router.get('/v1/chains/:chainId', (request, response) => position(parts, request, response))
  router.put('/v1/chains/:chainId', (request, response) => register(parts, request, response))
  router.post('/v1/chains/:chainId/events', (request, response) => append(parts, request, response))
  router.get('/v1/chains/:chainId/checkpoints', (request, response) => signedHead(parts, request, response))
  router.post('/v1/chains/:chainId/checkpoints', (request, response) => checkpoint(parts, request, response))
}

async function position(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const { chainId } = await chainOf(parts, request, identity)
  const chain = await parts.store.chain(chainId)
  if (chain === undefined) throw new Problem('unknown_chain', 'Register the chain with PUT first.')
  const document = positionOf(chain)
  const etag = `"${chain.epoch}.${chain.headSeq}.${document.head.slice(0, 16)}"`
  if (!unchanged(request, response, etag)) respond(response, 200, document)
}

async function register(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const registration = registrationOf(await readObject(request, OBJECT_BYTES), identity.tenantId)
  const { agentId, chainId, epoch } = registration
  if (identity.kind !== 'agent' || identity.agentId !== agentId || chainId !== uuidParameter(request, 'chainId')) {
    throw new Problem('forbidden', 'A chain is registered by its own agent, under its own id.')
  }
  const registered = await parts.store.register(registration)
  if (registered.kind === 'stale_epoch') {
    // Two machines with one identity, or one that was rolled back: a person must look.
    parts.log.warn({ code: 'stale_epoch', agent: agentId, chain: chainId, epoch }, 'an old epoch asks to be registered')
    throw await staleEpoch(parts, agentId, registered.currentEpoch)
  }
  if (registered.kind === 'wrong_tenant') throw wrongTenant()
  if (registered.kind === 'different') {
    throw new Problem('precondition_failed', 'The chain is registered with other members.')
  }
  const chain = await parts.store.chain(chainId)
  if (chain === undefined) throw new Problem('unknown_chain', 'The registration was removed.')
  if (registered.kind === 'created') await announce(parts, chain)
  respond(response, registered.kind === 'created' ? 201 : 200, positionOf(chain))
}

/** A new epoch is rare: the receiver reports once, in the office's log, which events the agent had lost. */
async function announce({ store, log }: ReceiverParts, chain: StoredChain): Promise<void> {
  const { agentId, chainId, epoch } = chain
  const previous = await successionOf(store, chain)
  const about = { agent: agentId, chain: chainId, epoch }
  if (previous === undefined) return log.info(about, 'a journal is registered')
  const { reason, standing, onlyHere: only_here, notHere: not_here } = previous
  log.warn({ code: 'new_epoch', ...about, reason, standing, only_here, not_here }, 'an agent begins a new epoch')
}

async function append(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const chain = await chainOf(parts, request, identity)
  if (identity.kind !== 'agent') throw new Problem('forbidden', 'Only its agent appends to a chain.')
  const appended = await parts.admission.run('batch', holderOf(identity), async () => {
    const { text, sent } = await readBatchText(request)
    return parts.store.append(verified(text, chain), sent)
  })
  await acknowledge(parts, response, chain, appended)
}

/** Recomputes every hash and checks the signature before the chain is locked. Throws Problem, EnvelopeError. */
function verified(text: Buffer, chain: KnownChain): Batch {
  const batch = decodeBatch(text)
  if (batch.chain !== chain.chainId) throw new Problem('malformed', 'The batch is of another chain.')
  if (batch.epoch !== chain.epoch)
    throw new Problem('stale_epoch', `The chain is of epoch ${chain.epoch}.`, { current_epoch: chain.epoch })
  verifyBatch(batch, chain.key)
  return batch
}

async function checkpoint(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const chain = await chainOf(parts, request, identity)
  const body = await readObject(request, OBJECT_BYTES)
  const seq = wholeNumber(body['seq'], 1)
  const head = bytesOf(body['head'], HASH_BYTES)
  const signed = checkpointOf(body['cp'])
  if (seq === undefined || head === undefined || signed === undefined) {
    throw new Problem('malformed', 'seq, head and cp are required.')
  }
  if (!checkpointHolds(chain.key, chain.chainId, chain.epoch, seq, head, Buffer.from(signed.sig, 'base64url'))) {
    throw new Problem('bad_signature', 'The checkpoint is not signed with the key of this chain.', { seq })
  }
  const appended = await parts.store.checkpoint(chain.chainId, { seq, head, checkpoint: signed })
  await acknowledge(parts, response, chain, appended)
}

/** The newest head up to an event, as it was posted: it proves to an agent what its own key has signed here. */
async function signedHead(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const { chainId, epoch } = await chainOf(parts, request, identity)
  const upTo = numberParameter(request, 'up_to', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const signed = await parts.store.lastCheckpoint(chainId, upTo)
  if (signed === undefined) throw new Problem('not_found', 'No head of this chain is signed there.')
  respond(response, 200, headDocument({ chainId, epoch, ...signed }))
}

async function acknowledge(
  parts: ReceiverParts,
  response: Response,
  chain: KnownChain,
  appended: Appended,
): Promise<void> {
  switch (appended.kind) {
    case 'stored': {
      const { ackedSeq, head, duplicate } = appended
      const { epoch } = chain
      respond(response, 200, { acked_seq: ackedSeq, head: base64url(head), epoch, duplicate, credit: CREDIT })
      return
    }
    case 'gap': {
      const { expectedSeq, head } = appended
      throw new Problem('gap', `The next event is ${expectedSeq}.`, {
        expected_seq: expectedSeq,
        head: base64url(head),
      })
    }
    case 'fork':
      parts.log.error({ code: 'fork', chain: chain.chainId, seq: appended.seq }, 'a chain has two histories')
      throw forkProblem(appended)
    case 'stale_epoch':
      parts.log.warn({ code: 'stale_epoch', agent: chain.agentId, chain: chain.chainId }, 'an old epoch continues')
      throw await staleEpoch(parts, chain.agentId, appended.currentEpoch)
    case 'unknown_chain':
      throw new Problem('unknown_chain', 'Register the chain with PUT first.')
  }
}

function forkProblem({
  seq,
  storedHash,
  receivedHash,
  storedCheckpoint,
}: Extract<Appended, { kind: 'fork' }>): Problem {
  const signed = storedCheckpoint && {
    seq: storedCheckpoint.seq,
    head: base64url(storedCheckpoint.head),
    ...storedCheckpoint.checkpoint,
  }
  const hashes = { stored_hash: base64url(storedHash), received_hash: base64url(receivedHash) }
  return new Problem('fork', `Another event ${seq} is stored.`, { seq, ...hashes, stored_checkpoint: signed ?? null })
}

function positionOf(chain: StoredChain): { readonly head: string; readonly [member: string]: unknown } {
  const { chainId, agentId, epoch, state, headSeq } = chain
  const place = { epoch, state, head_seq: headSeq, head: base64url(chain.head), expected_seq: headSeq + 1 }
  return { chain_id: chainId, agent_id: agentId, ...place }
}

/**
 * Contains the newest head of the newest epoch as it was posted: an agent trusts only heads that its own key has
 * signed.
 */
async function staleEpoch({ store }: ReceiverParts, agentId: string, currentEpoch: number): Promise<Problem> {
  const [newest] = await store.chainsOf(agentId, 1)
  const signed = newest && (await store.lastCheckpoint(newest.chainId, newest.headSeq))
  const { chainId = '', epoch = 0 } = newest ?? {}
  const checkpoint = signed === undefined ? null : headDocument({ chainId, epoch, ...signed })
  const current = { current_epoch: currentEpoch, current_checkpoint: checkpoint }
  return new Problem('stale_epoch', `The agent is in epoch ${currentEpoch}.`, current)
}
