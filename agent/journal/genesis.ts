import type { Database } from 'better-sqlite3'
import type { Members, StoredEvent } from './events.ts'
import { bodyOf } from './events.ts'
import { JournalDamagedError } from './tail.ts'

/** What the first event says of the chain. `publicKey`: raw Ed25519, base64url; `note`: all that it says. */
export type Genesis = { chainId: string; agentId: string; epoch: number; publicKey: string; note: Members }

/** The key that is to sign checkpoints is not the one that the chain announced: everyone would refuse its signatures. */
export class JournalKeyError extends Error {
  override readonly name = 'JournalKeyError'
  readonly code = 'journal_key_wrong'

  constructor() {
    super("The agent's signing key is not the one of this journal: restore both from the same backup.")
  }
}

/** Throws JournalDamagedError when the first event is not the one that opens a chain. */
export function readGenesis(db: Database): Genesis {
  const event = db.prepare<[], StoredEvent>('SELECT * FROM event WHERE seq = 1').get()
  const note = event?.kind === 'journal.opened' ? (bodyOf(event).note ?? {}) : {}
  const { chainId, agentId, epoch, publicKey } = note
  const isNamed = typeof chainId === 'string' && typeof agentId === 'string' && typeof publicKey === 'string'
  if (!isNamed || typeof epoch !== 'number') throw new JournalDamagedError(1, 'it does not open the chain')
  return { chainId, agentId, epoch, publicKey, note }
}
