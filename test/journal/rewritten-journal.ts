import Database from 'better-sqlite3'
import { ZERO_HASH } from '../../agent/journal/chain.ts'
import { chainAt, hashIn, readChains } from '../../agent/journal/chains.ts'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { StoredEvent } from '../../agent/journal/events.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { readCheckpointKey } from '../../agent/state/state-directory.ts'

/**
 * Root's edit in a closed journal of one chain: another body of an event, and every later hash and signature made again
 * with the key next to it. Nothing in the state directory shows it afterwards.
 */
export async function rewriteJournal(state: string, seq: number, body: (text: string) => string): Promise<void> {
  rewriteEvents(state, checkpointSigner(readCheckpointKey(state)), seq, body)
  await rebuildProjections(state)
}

/** The same, and the tables stay as they are. */
export function rewriteEvents(
  state: string,
  signer: CheckpointSigner,
  seq: number,
  body: (text: string) => string,
): void {
  const db = new Database(journalPath(state))
  try {
    const triggers = db
      .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all()
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`)
    const before = db.prepare<[number], string>('SELECT body FROM event WHERE seq = ?').pluck().get(seq) ?? ''
    db.prepare('UPDATE event SET body = ? WHERE seq = ?').run(body(before), seq)
    // Its first event names its chain.
    const chains = readChains(db)
    const write = db.prepare('UPDATE event SET hash = ? WHERE seq = ?')
    const sign = db.prepare('UPDATE checkpoint SET head = ?, kid = ?, sig = ? WHERE seq = ?')
    const isSigned = db.prepare('SELECT 1 FROM checkpoint WHERE seq = ?')
    let previous: Uint8Array = ZERO_HASH
    for (const event of db.prepare<[], StoredEvent>('SELECT * FROM event ORDER BY seq').all()) {
      const chain = chainAt(chains, event.seq)
      const hash = hashIn(chain, previous, event)
      write.run(hash, event.seq)
      if (isSigned.get(event.seq) !== undefined) {
        const { kid, sig } = signer.sign(chain.id, chain.epoch, event.seq - chain.base, hash)
        sign.run(hash, kid, sig, event.seq)
      }
      previous = hash
    }
    for (const { sql } of triggers) db.exec(sql)
  } finally {
    db.close()
  }
}
