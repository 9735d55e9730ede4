import { ed25519Key, isUuid } from '../sync/protocol/chain-hash.ts'
import { bytesOf, jsonOf, members, textOf, wholeNumber } from '../sync/protocol/json.ts'
import { Problem } from './problem.ts'
import type { Registration } from './store.ts'

const EPOCH_MOST = 2 ** 31 - 1

/** `{ chain_id, agent_id, epoch, public_key, genesis }` of a tenant. Throws Problem `malformed`. */
export function registrationOf(document: unknown, tenantId: string): Registration {
  const body = members(document) ?? {}
  const chainId = textOf(body['chain_id']) ?? ''
  const agentId = textOf(body['agent_id']) ?? ''
  const epoch = wholeNumber(body['epoch'], 1)
  const publicKey = bytesOf(body['public_key'], 32)
  const named = members(body['genesis'] ?? {})
  const genesis = named && jsonOf(named)
  const identified = isUuid(chainId) && isUuid(agentId) && publicKey !== undefined && isKey(publicKey)
  if (!identified || epoch === undefined || epoch > EPOCH_MOST || genesis === undefined) {
    throw new Problem('malformed', 'chain_id, agent_id, epoch, public_key (Ed25519) and genesis are required.')
  }
  return { chainId, agentId, tenantId, epoch, publicKey, genesis }
}

function isKey(raw: Uint8Array): boolean {
  try {
    return ed25519Key(raw).asymmetricKeyType === 'ed25519'
  } catch {
    return false
  }
}
