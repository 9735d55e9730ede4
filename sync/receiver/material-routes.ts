import { hash as digest } from 'node:crypto'
import type { Request, Response, Router } from 'express'
import type { ReceiverParts } from './parts.ts'
import { authenticate, authenticateOffice, chainOf, numberParameter, uuidParameter } from './parts.ts'
import { Problem } from './problem.ts'
import { readBody, readObject } from './request-body.ts'
import { respond } from './respond.ts'

const BLOB_BYTES = 8 << 20
const CONFIG_BYTES = 256 << 10
const MISSING_MOST = 1000

/** Blobs by their content, and the configuration that a head office leaves for an agent. */
export function materialRoutes(router: Router, parts: ReceiverParts): void {
  router.put('/v1/blobs/sha256/:hex', (request, response) => putBlob(parts, request, response))
  router.get('/v1/chains/:chainId/missing-blobs', (request, response) => missingBlobs(parts, request, response))
  router.get('/v1/agents/:agentId/config', (request, response) => getConfig(parts, request, response))
  router.put('/v1/agents/:agentId/config', (request, response) => putConfig(parts, request, response))
}

async function putBlob(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  await authenticate(parts, request)
  const hex = request.params['hex']
  if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex))
    throw new Problem('malformed', 'Name the blob by its SHA-256.')
  const stored = await parts.admission.run('blob', async () => {
    const body = await readBody(request, BLOB_BYTES, false)
    const sha256 = digest('sha256', body, 'buffer')
    if (sha256.toString('hex') !== hex) throw new Problem('digest-mismatch', 'The blob has another SHA-256.')
    return parts.store.putBlob(sha256, body)
  })
  response.set('ETag', `"${hex}"`)
  if (stored === 'equal' && request.get('If-None-Match') === '*') {
    throw new Problem('precondition-failed', 'The very same blob is stored.', { sha256: hex })
  }
  respond(response, stored === 'created' ? 201 : 200, { sha256: hex })
}

async function missingBlobs(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const { chainId } = await chainOf(parts, request, await authenticate(parts, request))
  const limit = numberParameter(request, 'limit', 100, MISSING_MOST)
  respond(response, 200, { data: await parts.store.missingBlobs(chainId, limit) })
}

async function getConfig(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const agentId = uuidParameter(request, 'agentId')
  if (identity.kind === 'agent' && identity.agentId !== agentId) {
    throw new Problem('forbidden', 'This is the configuration of another agent.')
  }
  const config = await parts.store.config(agentId)
  if (config === undefined) throw new Problem('not-found', 'There is no configuration for this agent.')
  response.set('ETag', `"${config.version}"`)
  if (request.get('If-None-Match') === `"${config.version}"`) response.status(304).end()
  else response.status(200).type('application/json').send(config.json)
}

async function putConfig(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  await authenticateOffice(parts, request)
  const agentId = uuidParameter(request, 'agentId')
  const condition = request.get('If-Match') ?? (request.get('If-None-Match') === '*' ? '"0"' : undefined)
  if (condition === undefined)
    throw new Problem('precondition-required', 'Send If-Match with the ETag, or If-None-Match: *.')
  const version = Number(/^"(\d{1,9})"$/.exec(condition)?.[1] ?? Number.NaN)
  const json = JSON.stringify(await readObject(request, CONFIG_BYTES))
  if (Number.isNaN(version) || !(await parts.store.putConfig(agentId, json, version))) {
    throw new Problem('precondition-failed', 'Read the configuration again and send its ETag.')
  }
  response.set('ETag', `"${version + 1}"`)
  respond(response, 200, { version: version + 1 })
}
