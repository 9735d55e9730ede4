import type { Database } from 'better-sqlite3'
import { isListedKind } from '../documents/kind.ts'
import type { EventBody } from '../events.ts'

type Writer = (seq: number, at: string, op: string, body: EventBody) => void

/** Merchants, locations, registers, keys, devices: rare, and written at once. */
export function shopWriter(db: Database): Writer {
  const insertResource = db.prepare('INSERT INTO resource VALUES (?, ?, ?, ?, ?)')
  const enrol = db.prepare('INSERT OR REPLACE INTO device_enrolment VALUES (?, ?)')
  const retire = db.prepare('DELETE FROM device_enrolment WHERE device = ?')
  const insertKey = db.prepare('INSERT INTO api_key VALUES (?, ?, ?, ?, ?, NULL, ?)')
  const revoke = db.prepare('UPDATE api_key SET revoked_at = ? WHERE id = ?')
  return (seq, at, op, { index, enrolled, key, revoked }) => {
    if (index !== undefined && isListedKind(index.kind))
      insertResource.run(op, index.kind, index.merchant ?? null, index.register ?? null, seq)
    if (enrolled?.serial === null) retire.run(enrolled.device)
    else if (enrolled !== undefined) enrol.run(enrolled.device, enrolled.serial)
    if (key !== undefined) {
      const hash = Buffer.from(key.hash, 'base64url')
      insertKey.run(key.id, key.kind, key.register ?? null, hash, at, key.certificate ?? null)
    }
    if (revoked !== undefined) revoke.run(at, revoked)
  }
}
