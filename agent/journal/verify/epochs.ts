import type { Database } from 'better-sqlite3'
import { ZERO_HASH } from '../chain.ts'
import type { Chain, Chains } from '../chains.ts'
import { succession } from '../chains.ts'
import { verifyCheckpoint } from '../checkpoint.ts'
import type { Renewal } from '../event-facts.ts'
import { storedHashes } from '../event-table.ts'
import { isUnprovenRollback } from '../put-back.ts'
import type { Findings } from './findings.ts'

/** Reasons of an epoch that began because of a target's events; a rollback may have been shown by other means. */
const OF_TARGETS: ReadonlySet<unknown> = new Set<Renewal['reason']>(['fork', 'rollback'])

/**
 * Each chain is of the same agent, names the one before it, its last event and that event's hash, and its reason:
 * none can be left out or inserted. A chain that began because of a target's events names a head of these as its proof:
 * the ended chain's own key signed it, and this journal does not have it.
 */
export function checkEpochs(db: Database, chains: Chains, findings: Findings): void {
  const hashAt = storedHashes(db)
  for (const [index, chain] of chains.entries()) {
    const before = chains[index - 1]
    if (before === undefined) continue
    const { base, epoch, agentId, opening } = chain
    const expected = succession(before, base, hashAt(base) ?? ZERO_HASH)
    const { previous_chain_id: previous, last_known_seq: seq, last_known_head: head, reason } = opening
    const isEnd = previous === expected.previous_chain_id && seq === expected.last_known_seq
    const follows = isEnd && head === expected.last_known_head
    const isOfAgent = agentId === before.agentId && typeof reason === 'string'
    if (!follows || !isOfAgent || epoch <= before.epoch)
      findings.add('chain', base + 1, 'it opens a chain that does not follow the one before it')
    const isOfTarget = OF_TARGETS.has(reason) && !isUnprovenRollback(opening)
    if (isOfTarget && !isProven(chain, before, hashAt)) {
      const what = `it opens an epoch because of a ${reason}, and no head of a target proves it`
      findings.add('chain', base + 1, what, { code: 'epoch_unproven' })
    }
  }
}

function isProven({ base, opening }: Chain, before: Chain, hashAt: (seq: number) => Buffer | undefined): boolean {
  const { seq, head, cp } = Object(opening.proof) as Record<string, unknown>
  const { sig } = Object(cp) as Record<string, unknown>
  if (typeof seq !== 'number' || typeof head !== 'string' || typeof sig !== 'string') return false
  const [signed, signature] = [head, sig].map((text) => Buffer.from(text, 'base64url')) as [Buffer, Buffer]
  if (!Number.isSafeInteger(seq) || seq < 1 || signed.length !== ZERO_HASH.length) return false
  const own = before.base + seq > base ? undefined : hashAt(before.base + seq)
  return (
    own?.equals(signed) !== true && verifyCheckpoint(before.publicKey, before.id, before.epoch, seq, signed, signature)
  )
}
