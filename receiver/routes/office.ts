import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response, Router } from 'express'
import { rfc3339 } from '../../base/clock.ts'
import { isUuid } from '../../sync/protocol/chain-hash.ts'
import { base64url } from '../../sync/protocol/json.ts'
import { completeness, newestBackupAtMs } from '../backups.ts'
import { exportChain } from '../journal-export.ts'
import type { Shop } from '../page.ts'
import { officePage, PAGE_POLICY } from '../page.ts'
import type { ReceiverParts } from '../parts.ts'
import { authenticate, authenticateOffice, chainOf, holderOf, numberParameter } from '../parts.ts'
import { Problem } from '../problem.ts'
import { respond } from '../respond.ts'
import type { ForkEvidence, StoredChain } from '../store.ts'
import type { Succession } from '../succession.ts'
import { successionOf } from '../succession.ts'

const CHAINS_MOST = 1000
const PAGE_CHAINS = 200
const EVENTS_MOST = 500
const FORKS_MOST = 1000
const STALLED_MS = 60_000

/** The routes of a head office: its shops and how far they are, their events, forks, a chain as a file. */
export function officeRoutes(router: Router, parts: ReceiverParts): void {
  router.get('/', (request, response) => page(parts, request, response))
  router.get('/v1/chains', (request, response) => chains(parts, request, response))
  router.get('/v1/forks', (request, response) => forks(parts, request, response))
  router.get('/v1/chains/:chainId/events', (request, response) => events(parts, request, response))
  router.get('/v1/chains/:chainId/journal', (request, response) => journal(parts, request, response))
  router.post('/v1/chains/:chainId/reopen', (request, response) => reopen(parts, request, response))
}

async function page(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const { tenantId } = await authenticateOffice(parts, request)
  const listed = await parts.store.chains(tenantId, PAGE_CHAINS, beforeParameter(request))
  const evidence = await parts.store.forks(tenantId, FORKS_MOST)
  const shops: Shop[] = []
  for (const chain of listed) {
    const backupAtMs = chain.state === 'open' ? await newestBackupAtMs(parts.store.blobs, chain.agentId) : undefined
    shops.push({ chain, previous: await successionOf(parts.store, chain), backupAtMs })
  }
  response.set('Content-Security-Policy', PAGE_POLICY).type('html')
  response.send(officePage(shops, evidence, parts.clock.now(), listed.length === PAGE_CHAINS))
}

async function chains(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const { tenantId } = await authenticateOffice(parts, request)
  const limit = numberParameter(request, 'limit', 100, CHAINS_MOST)
  const listed = await parts.store.chains(tenantId, limit, beforeParameter(request))
  const data: object[] = []
  for (const chain of listed) data.push(chainDocument(chain, await successionOf(parts.store, chain)))
  respond(response, 200, { data })
}

/** Throws Problem `malformed`. */
function beforeParameter(request: Request): string | undefined {
  const before = request.query['before']
  if (before === undefined || (typeof before === 'string' && isUuid(before))) return before
  throw new Problem('malformed', 'before is a chain id.')
}

/** `heard_at`: the agent's last request; an idle agent signs its head every quarter of an hour. */
function chainDocument(chain: StoredChain, previous: Succession | undefined): object {
  const { chainId, agentId, epoch, state, headSeq, head, heardAtMs } = chain
  return {
    chain_id: chainId,
    agent_id: agentId,
    epoch,
    state,
    head_seq: headSeq,
    head: base64url(head),
    heard_at: rfc3339(heardAtMs),
    previous: previous === undefined ? null : previousDocument(previous),
  }
}

function previousDocument({ chainId, lastKnownSeq, reason, standing, onlyHere, notHere }: Succession): object {
  const claims = { chain_id: chainId, last_known_seq: lastKnownSeq, reason }
  return { ...claims, standing, only_here: onlyHere, not_here: notHere }
}

async function forks(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const { tenantId } = await authenticateOffice(parts, request)
  const listed = await parts.store.forks(tenantId, numberParameter(request, 'limit', 100, FORKS_MOST))
  respond(response, 200, { data: listed.map(forkDocument) })
}

function forkDocument({ chainId, seq, storedHash, receivedHash, receivedAtMs }: ForkEvidence): object {
  const hashes = { stored_hash: base64url(storedHash), received_hash: base64url(receivedHash) }
  return { chain_id: chainId, seq, ...hashes, received_at: rfc3339(receivedAtMs) }
}

async function events(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const { chainId, agentId } = await chainOf(parts, request, await authenticateOffice(parts, request))
  const after = numberParameter(request, 'after', 0, Number.MAX_SAFE_INTEGER)
  const limit = numberParameter(request, 'limit', 100, EVENTS_MOST)
  const listed = await parts.store.events(chainId, after, limit)
  const complete = await completeness(parts.store.blobs, agentId, listed)
  respond(response, 200, {
    data: listed.map(({ seq, kind, op, at, boot, mono, body, hash }) => ({
      seq,
      kind,
      op,
      at,
      boot,
      mono,
      body,
      hash: base64url(hash),
      // For an event that names blobs: whether they have arrived.
      ...(complete.has(seq) && { complete: complete.get(seq) }),
    })),
  })
}

async function journal(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const { chainId } = await chainOf(parts, request, identity)
  const chain = await parts.store.chain(chainId)
  const after = numberParameter(request, 'after', 0, Number.MAX_SAFE_INTEGER)
  const lines = chain && (await exportChain(parts.store, chain, after))
  if (lines === undefined) throw new Problem('not_found', 'No head of this chain is signed there yet.')
  await parts.admission.run('download', holderOf(identity), async () => {
    response.status(200).type('application/x-ndjson').attachment(`${chainId}.ndjson`)
    if (request.method === 'HEAD') response.end()
    else await sendLines(lines, response)
  })
}

/** Sends as fast as the client reads; a client that reads nothing for a minute is cut off. */
async function sendLines(lines: AsyncIterable<string>, response: Response): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy())
  try {
    await pipeline(Readable.from(lines), response)
  } catch (error) {
    // The client has left: that is not a server error.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

async function reopen(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const { chainId } = await chainOf(parts, request, await authenticateOffice(parts, request))
  if (!(await parts.store.reopen(chainId))) throw new Problem('precondition_failed', 'Only a fenced chain is reopened.')
  parts.log.warn({ code: 'chain_reopened', chain: chainId }, 'a fenced chain takes events again')
  respond(response, 200, { chain_id: chainId, state: 'open' })
}
