import type { Request, Response, Router } from 'express'
import { jsonOf } from '../../sync/protocol/json.ts'
import type { ReceiverParts } from '../parts.ts'
import { agentOf, authenticate, authenticateOffice, uuidParameter } from '../parts.ts'
import { Problem } from '../problem.ts'
import { readObject } from '../request-body.ts'
import { respond, send, unchanged } from '../respond.ts'

const CONFIG_BYTES = 256 << 10

/** The configuration that a head office leaves for an agent. */
export function configRoutes(router: Router, parts: ReceiverParts): void {
  router.get('/v1/agents/:agentId/config', (request, response) => getConfig(parts, request, response))
  router.put('/v1/agents/:agentId/config', (request, response) => putConfig(parts, request, response))
}

async function getConfig(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticate(parts, request)
  const agentId = await agentOf(parts, identity, uuidParameter(request, 'agentId'))
  const config = await parts.store.config(agentId)
  if (config === undefined) throw new Problem('not_found', 'There is no configuration for this agent.')
  if (!unchanged(request, response, `"${config.version}"`)) send(response, 200, config.json, 'application/json')
}

async function putConfig(parts: ReceiverParts, request: Request, response: Response): Promise<void> {
  const identity = await authenticateOffice(parts, request)
  const agentId = await agentOf(parts, identity, uuidParameter(request, 'agentId'))
  const condition = request.get('If-Match') ?? (request.get('If-None-Match') === '*' ? '"0"' : undefined)
  if (condition === undefined)
    throw new Problem('precondition_required', 'Send If-Match with the ETag, or If-None-Match: *.')
  const version = Number(/^"(\d{1,9})"$/.exec(condition)?.[1] ?? Number.NaN)
  const json = jsonOf(await readObject(request, CONFIG_BYTES))
  if (json === undefined) throw new Problem('malformed', 'The configuration is nested too deep.')
  if (Number.isNaN(version) || !(await parts.store.putConfig(agentId, json, version))) {
    throw new Problem('precondition_failed', 'Read the configuration again and send its ETag.')
  }
  response.set('ETag', `"${version + 1}"`)
  respond(response, 200, { version: version + 1 })
}
