import { hash as digest } from 'node:crypto'
import { CodedError } from '../../base/thrown.ts'
import { uuidBytes } from './chain-hash.ts'

const TOKEN = /^[\w-]{1,100}$/

/**
 * The place of a chain in JetStream. With one shard the stream has the bare name, with more the suffix `_00`, `_01`….
 */
export type StreamPlace = { readonly stream: string; readonly shards: number; readonly tenant: string }

/** Stream and subject `fiscal.{shard}.{tenant}.{agent}.{chain}`. Throws `subject_invalid` for a name that is not a token. */
export function placeOf(
  { stream, shards, tenant }: StreamPlace,
  agentId: string,
  chainId: string,
): { stream: string; subject: string } {
  for (const token of [tenant, agentId, chainId]) {
    if (!TOKEN.test(token))
      throw new CodedError('subject_invalid', `"${token.slice(0, 100)}" cannot be part of a subject.`)
  }
  const shard = (digest('sha256', uuidBytes(chainId), 'buffer')[0] ?? 0) % shards
  return inShard({ stream, shards, tenant }, shard, agentId, chainId)
}

/** The place of all chains of an agent: a subject with a wildcard in each stream. */
export function agentPlaces(place: StreamPlace, agentId: string): { stream: string; subject: string }[] {
  return Array.from({ length: place.shards }, (_, shard) => inShard(place, shard, agentId, '*'))
}

function inShard(
  { stream, shards, tenant }: StreamPlace,
  shard: number,
  agentId: string,
  chain: string,
): { stream: string; subject: string } {
  const number = String(shard).padStart(2, '0')
  return {
    stream: shards === 1 ? stream : `${stream}_${number}`,
    subject: `fiscal.${number}.${tenant}.${agentId}.${chain}`,
  }
}

/** Header of a chain's first message: the registration, base64url of its JSON. */
export const REGISTRATION_HEADER = 'Fiskal-Registration'
export const ENCODING_HEADER = 'Content-Encoding'
/** Limit of one message. */
export const MESSAGE_BYTES = 512 << 10
