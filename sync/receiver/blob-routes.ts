import { hash as digest } from 'node:crypto'
import type { Request, Response, Router } from 'express'
import { BLOB_BYTES, isSha256 } from '../blob-manifest.ts'
import type { KeptBackup } from './backups.ts'
import { backupsOf, missingOf } from './backups.ts'
import type { ReceiverParts } from './parts.ts'
import { agentOf, authenticate, chainOf, numberParameter, uuidParameter } from './parts.ts'
import { Problem } from './problem.ts'
import { readBody } from './request-body.ts'
import { respond } from './respond.ts'

const MISSING_MOST = 1000
const BACKUPS_MOST = 100
const CHAINS_MOST = 1000

/** Blobs by their content, each agent's for itself, and the backups among them. */
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
  const stored = await parts.admission.run('blob', async () => {
    const { blobs } = parts.store
    const announced = Number(request.headers['content-length'] ?? 0)
    if ((await blobs.used(identity.agentId)) + announced > parts.blobQuotaBytes) {
      throw new Problem('no-room', `The blobs of an agent may have ${parts.blobQuotaBytes} bytes in all.`)
    }
    const body = await readBody(request, BLOB_BYTES, false)
    if (digest('sha256', body, 'hex') !== hex) throw new Problem('digest-mismatch', 'The blob has another SHA-256.')
    return blobs.put(identity, hex, body)
  })
  response.set('ETag', `"${hex}"`)
  if (stored === 'equal' && request.get('If-None-Match') === '*') {
    throw new Problem('precondition-failed', 'The very same blob is stored.', { sha256: hex })
  }
  respond(response, stored === 'created' ? 201 : 200, { sha256: hex })
}

async function getBlob(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const agentId = await agentOf(parts, await authenticate(parts, request), request.query['agent'])
  const hex = hexParameter(request)
  const { blobs } = parts.store
  response.set('ETag', `"${hex}"`)
  const size = await blobs.size(agentId, hex)
  if (size === undefined) throw new Problem('not-found', 'There is no such blob of this agent.')
  if (request.method === 'HEAD') {
    response.status(200).type('application/octet-stream').set('Content-Length', String(size)).end()
    return
  }
  await parts.admission.run('blob', async () => {
    const bytes = await blobs.read(agentId, hex)
    if (bytes === undefined) throw new Problem('not-found', 'The blob was removed.')
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const type = 'application/octet-stream'
    response
      .status(200)
      .set('Content-Type', type)
      .set('Content-Digest', `sha-256=:${digest('sha256', body, 'base64')}:`)
    response.send(body)
  })
}

async function missingBlobs(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const chain = await chainOf(parts, request, await authenticate(parts, request))
  const limit = numberParameter(request, 'limit', 100, MISSING_MOST)
  respond(response, 200, { data: await missingOf(parts.store.blobs, chain, limit) })
}

/** What a lost machine is restored from: its backups, and how far each of its chains has come. */
async function backups(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const agentId = await agentOf(parts, identity, uuidParameter(request, 'agentId'))
  const listed = await backupsOf(parts.store.blobs, agentId, numberParameter(request, 'limit', 20, BACKUPS_MOST))
  const chains = await parts.store.chainsOf(agentId, CHAINS_MOST)
  respond(response, 200, {
    data: listed.map(backupDocument),
    chains: chains.map(({ chainId, epoch, state, headSeq }) => ({ chainId, epoch, state, headSeq })),
  })
}

function hexParameter(request: Request): string {
  const hex = request.params['hex']
  if (!isSha256(hex)) throw new Problem('malformed', 'Name the blob by its SHA-256.')
  return hex
}

function backupDocument({ reference, manifest, lacking }: KeptBackup): object {
  const { sha256, chainId, epoch, seq } = reference
  const state = manifest === undefined ? 'missing' : lacking === 0 ? 'whole' : 'incomplete'
  const about = manifest && {
    ...{ name: manifest.name, madeAt: manifest.madeAt, bytes: manifest.bytes, parts: manifest.parts.length },
    ...{ seq: manifest.seq, head: manifest.head, secrets: manifest.secrets, lacking },
  }
  return { sha256, chainId, epoch, namedBy: seq, state, ...about }
}
