import { hash as digest } from 'node:crypto'
import type { Request, Response, Router } from 'express'
import type { Clock } from '../../base/clock.ts'
import { BLOB_BYTES, isSha256 } from '../../sync/protocol/blob-manifest.ts'
import { contentDigest } from '../../sync/protocol/content-digest.ts'
import type { KeptBackup } from '../backups.ts'
import { backupsOf, missingOf } from '../backups.ts'
import type { ReceiverParts } from '../parts.ts'
import { agentOf, authenticate, chainOf, holderOf, numberParameter, uuidParameter } from '../parts.ts'
import { Problem } from '../problem.ts'
import { readBody } from '../request-body.ts'
import { respond, unchanged } from '../respond.ts'

const MISSING_MOST = 1000
const BACKUPS_MOST = 100
const CHAINS_MOST = 1000
/** 8 MiB at 128 kbit/s. */
const DOWNLOAD_MS = 10 * 60_000

/** Blobs by their content, separate for each agent, and the backups among them. */
export function blobRoutes(router: Router, parts: ReceiverParts): void {
  router.put('/v1/blobs/sha256/:hex', (request, response) => putBlob(parts, request, response))
  router.get('/v1/blobs/sha256/:hex', (request, response) => getBlob(parts, request, response))
  router.get('/v1/chains/:chainId/missing-blobs', (request, response) => missingBlobs(parts, request, response))
  router.get('/v1/agents/:agentId/backups', (request, response) => backups(parts, request, response))
}

async function putBlob(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  if (identity.kind !== 'agent') throw new Problem('forbidden', 'An agent brings its blobs itself.')
  const hex = hexParameter(request)
  const stored = await parts.admission.run('blob', holderOf(identity), async () => {
    const { blobs } = parts.store
    const announced = Number(request.headers['content-length'] ?? 0)
    if ((await blobs.used(identity.agentId)) + announced > parts.blobQuotaBytes) {
      throw new Problem('no_room', `The blobs of an agent may have ${parts.blobQuotaBytes} bytes in all.`)
    }
    const body = await readBody(request, BLOB_BYTES, false)
    if (digest('sha256', body, 'hex') !== hex) throw new Problem('digest_mismatch', 'The blob has another SHA-256.')
    return blobs.put(identity, hex, body)
  })
  response.set('ETag', `"${hex}"`)
  if (stored === 'equal' && request.get('If-None-Match') === '*') {
    throw new Problem('precondition_failed', 'The very same blob is stored.', { sha256: hex })
  }
  respond(response, stored === 'created' ? 201 : 200, { sha256: hex })
}

async function getBlob(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const agentId = await agentOf(parts, identity, request.query['agent'])
  const hex = hexParameter(request)
  const { blobs } = parts.store
  const size = await blobs.size(agentId, hex)
  if (size === undefined) throw new Problem('not_found', 'There is no such blob of this agent.')
  if (unchanged(request, response, `"${hex}"`)) return
  if (request.method === 'HEAD') {
    response.status(200).type('application/octet-stream').set('Content-Length', String(size)).end()
    return
  }
  await parts.admission.run('download', holderOf(identity), async () => {
    const bytes = await blobs.read(agentId, hex)
    if (bytes === undefined) throw new Problem('not_found', 'The blob was removed.')
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const type = 'application/octet-stream'
    response.status(200).set('Content-Type', type).set('Content-Digest', contentDigest(body))
    response.send(body)
    await taken(parts.clock, response)
  })
}

/**
 * Waits until the answer has left: bytes that the client does not read stay in memory. A client that is too slow is cut
 * off.
 */
async function taken(clock: Clock, response: Response): Promise<void> {
  if (response.closed) return
  const cancel = clock.after(DOWNLOAD_MS, () => response.destroy())
  await new Promise((resolve) => response.once('close', resolve))
  cancel()
}

async function missingBlobs(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const chain = await chainOf(parts, request, identity)
  const limit = numberParameter(request, 'limit', 100, MISSING_MOST)
  const missing = await parts.admission.run('listing', holderOf(identity), () =>
    missingOf(parts.store.blobs, chain, limit),
  )
  respond(response, 200, { data: missing.map(({ mediaType, ...blob }) => ({ ...blob, media_type: mediaType })) })
}

/** The data to restore a lost machine: its backups, and how far each of its chains has come. */
async function backups(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const agentId = await agentOf(parts, identity, uuidParameter(request, 'agentId'))
  const limit = numberParameter(request, 'limit', 20, BACKUPS_MOST)
  const listed = await parts.admission.run('listing', holderOf(identity), () =>
    backupsOf(parts.store.blobs, agentId, limit),
  )
  const chains = await parts.store.chainsOf(agentId, CHAINS_MOST)
  respond(response, 200, {
    data: listed.map(backupDocument),
    chains: chains.map(({ chainId, epoch, state, headSeq }) => ({
      chain_id: chainId,
      epoch,
      state,
      head_seq: headSeq,
    })),
  })
}

function hexParameter(request: Request): string {
  const hex = request.params['hex']
  if (!isSha256(hex)) throw new Problem('malformed', 'Name the blob by its SHA-256.')
  return hex
}

function backupDocument({ reference, manifest, missing }: KeptBackup): object {
  const { sha256, chainId, epoch, seq } = reference
  const state = manifest === undefined ? 'missing' : missing === 0 ? 'whole' : 'incomplete'
  const about = manifest && {
    name: manifest.name,
    created_at: manifest.createdAt,
    bytes: manifest.bytes,
    parts: manifest.parts,
    seq: manifest.seq,
    head: manifest.head,
    secrets: manifest.secrets,
    missing_parts: missing,
  }
  return { sha256, chain_id: chainId, epoch, named_by: seq, state, ...about }
}
