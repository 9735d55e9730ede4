import type { Database } from 'better-sqlite3'
import { CodedError } from '../../base/thrown.ts'
import type { ChainedMembers } from './chain.ts'
import { chainHash, uuidBytes, ZERO_HASH } from './chain.ts'
import { JournalDamagedError } from './damage.ts'
import type { ClaimedFacts, EpochCause, Opening, Succession } from './event-facts.ts'
import { headSeq } from './event-table.ts'
import type { StoredEvent } from './events.ts'
import { claimedFacts } from './events.ts'
import type { MachineMarks } from './machine-marks.ts'

/**
 * One epoch of the journal, by its first event. `publicKey`: raw Ed25519, base64url; `opening`: all facts of that
 * event. The journal counts its events throughout, the chain its own: event `seq` of the journal is `seq - base` of the
 * chain.
 */
export type Chain = {
  chainId: string
  agentId: string
  epoch: number
  publicKey: string
  opening: ClaimedFacts<'journal.opened'>
  /** The 16 bytes of `chainId`. */
  id: Buffer
  /** Events of the journal before the first of the chain. */
  base: number
}

/** Oldest first. */
export type Chains = readonly [Chain, ...Chain[]]

/** The key that is to sign checkpoints is not the one that the chain announced: everyone would refuse its signatures. */
export function journalKeyWrong(): CodedError {
  return new CodedError(
    'journal_key_wrong',
    'checkpoint.key is not the key of this journal: put the right one back. If no other machine sells with this journal, "fiskal-edge journal reopen" begins a new epoch with the present key.',
  )
}

/** All chains of a journal that has events, oldest first. Throws JournalDamagedError where one is not opened as it must. */
export function readChains(db: Database): Chains {
  const rows = db.prepare<[], { seq: number }>('SELECT seq FROM chain_start ORDER BY seq').all()
  const [first, ...later] = rows
  if (first?.seq !== 1) throw new JournalDamagedError('table chain_start', 'the first chain is missing')
  return [chainFrom(db, 1), ...later.map(({ seq }) => chainFrom(db, seq))]
}

/** The newest chain: the one that grows. */
export function lastChain(chains: Chains): Chain {
  return chains.at(-1) ?? chains[0]
}

/** The chain that event `seq` of the journal belongs to. */
export function chainAt(chains: Chains, seq: number): Chain {
  return chains.findLast(({ base }) => base < seq) ?? chains[0]
}

/** The hash that an event of the journal must have; `previous` is that of the event before it in the journal. */
export function hashIn(
  chain: Pick<Chain, 'id' | 'base'>,
  previous: Uint8Array,
  event: ChainedMembers & { seq: number },
): Buffer {
  const seq = event.seq - chain.base
  return chainHash(chain.id, seq, seq === 1 ? ZERO_HASH : previous, event)
}

/** The facts about a chain in the first event of the next one. */
export function succession({ chainId, base }: Chain, headSeq: number, head: Uint8Array): Succession {
  return {
    previous_chain_id: chainId,
    last_known_seq: headSeq - base,
    last_known_head: Buffer.from(head).toString('base64url'),
  }
}

/** The chain that begins after `head`; `above`: an epoch that is taken already. */
export function successor(
  present: Chain,
  head: { seq: number; hash: Uint8Array },
  next: { chainId: string; publicKey: string; above: number; cause: EpochCause; machine: MachineMarks | undefined },
): Chain & { opening: Opening } {
  const { chainId, publicKey, above, machine } = next
  const { agentId } = present
  const epoch = Math.max(present.epoch, above) + 1
  const facts = { chain_id: chainId, agent_id: agentId, epoch, public_key: publicKey }
  const from = head.seq > 0 && succession(present, head.seq, head.hash)
  const opening = { ...facts, ...from, ...next.cause, ...(machine !== undefined && { machine }) }
  return { chainId, agentId, epoch, publicKey, opening, id: uuidBytes(chainId), base: head.seq }
}

function chainFrom(db: Database, seq: number): Chain {
  const event = db.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?').get(seq)
  if (event === undefined && seq > headSeq(db))
    throw new JournalDamagedError('table chain_start', `it names event ${seq}`)
  const opening = event?.kind === 'journal.opened' ? claimedFacts<'journal.opened'>(event) : {}
  const { chain_id: chainId, agent_id: agentId, epoch, public_key: publicKey } = opening
  const isNamed = typeof chainId === 'string' && typeof agentId === 'string' && typeof publicKey === 'string'
  if (!isNamed || typeof epoch !== 'number') throw new JournalDamagedError(seq, 'it does not open the chain')
  return { chainId, agentId, epoch, publicKey, opening, id: uuidBytes(chainId), base: seq - 1 }
}

/** Before the first event there is no chain: its epoch is the one before the first. */
export function virgin(agentId: string): Chain {
  return { chainId: '', agentId, epoch: 0, publicKey: '', opening: {}, id: ZERO_HASH, base: 0 }
}
