import type { SignedHead } from './chain-hash.ts'
import { HASH_BYTES, isUuid } from './chain-hash.ts'
import { checkpointOf } from './envelope.ts'
import { base64url, bytesOf, members, textOf, wholeNumber } from './json.ts'

export type KnownChain = { readonly chainId: string; readonly epoch: number }
/** An epoch of an agent with its signed head; the signature is not verified here. */
export type ShownEpoch = KnownChain & SignedHead

/** A head with its signature as a target shows it, not verified here; undefined for anything else. */
export function shownHead(seq: unknown, head: unknown, cp: unknown): SignedHead | undefined {
  const [at, hash] = [seqOf(seq, 1), bytesOf(head, HASH_BYTES)]
  try {
    const checkpoint = checkpointOf(cp)
    return at === undefined || hash === undefined || checkpoint === undefined
      ? undefined
      : { seq: at, head: hash, checkpoint }
  } catch {
    return undefined
  }
}

/** The same with its chain and epoch. */
export function shownEpoch(value: unknown): ShownEpoch | undefined {
  const { chain, epoch, seq, head, cp } = members(value) ?? {}
  const [chainId, number, signed] = [textOf(chain), wholeNumber(epoch, 1), shownHead(seq, head, cp)]
  if (chainId === undefined || !isUuid(chainId) || number === undefined || signed === undefined) return undefined
  return { chainId, epoch: number, ...signed }
}

/** The form on the wire. */
export function headDocument({ chainId, epoch, seq, head, checkpoint }: ShownEpoch): {
  readonly [member: string]: unknown
} {
  return { chain: chainId, epoch, seq, head: base64url(head), cp: checkpoint }
}

/** Some receivers write whole numbers as text, as the protocol does with larger ones. */
export function seqOf(value: unknown, least = 0): number | undefined {
  return wholeNumber(typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value, least)
}
