import type { Database } from 'better-sqlite3'
import { canonicalJson } from '../../canonical.ts'
import type { EventBody, NewEvent } from '../events.ts'

/** Writes what one event means into the projection tables. Runs inside the transaction that appends the event. */
export type Apply = (seq: number, at: string, event: NewEvent) => void

type Writer = (seq: number, at: string, op: string, body: EventBody) => void

/** Each writer looks at the members it knows and at nothing else; the session comes first, so that operations find it. */
export function projector(db: Database): Apply {
  const writers: readonly Writer[] = [
    sessionWriter(db),
    indexWriter(db),
    receiptWriter(db),
    claimWriter(db),
    pendingWriter(db),
    deviceWriter(db),
    keyWriter(db),
  ]
  return (seq, at, event) => {
    for (const write of writers) write(seq, at, event.op, event.body)
  }
}

function indexWriter(db: Database): Writer {
  const insertResource = db.prepare('INSERT INTO resource VALUES (?, ?, ?, ?, ?)')
  const insertOperation = db.prepare(
    `INSERT INTO operation VALUES (?, (SELECT seq FROM resource WHERE id = ?), (SELECT seq FROM resource WHERE id = ?),
     (SELECT seq FROM session WHERE id = ?), ?, ?)`,
  )
  const setStatus = db.prepare(
    `UPDATE operation SET status = ? WHERE seq = (SELECT min(seq) FROM event WHERE op = ? AND op <> '')`,
  )
  return (seq, _at, op, { index, status }) => {
    if (index?.type === 'operation') {
      insertOperation.run(
        seq,
        index.merchant ?? null,
        index.register ?? null,
        index.session ?? null,
        index.operation ?? '',
        status ?? 'open',
      )
    } else if (index !== undefined) {
      insertResource.run(op, index.type, index.merchant ?? null, index.register ?? null, seq)
    } else if (status !== undefined) {
      setStatus.run(status, op)
    }
  }
}

function receiptWriter(db: Database): Writer {
  const insertReceipt = db.prepare('INSERT INTO receipt VALUES ((SELECT seq FROM resource WHERE id = ?), ?, ?)')
  const setChain = db.prepare(
    'INSERT INTO chain_state VALUES (?, ?) ON CONFLICT (register) DO UPDATE SET state = excluded.state',
  )
  return (seq, _at, _op, { receipt, chain }) => {
    if (receipt !== undefined) insertReceipt.run(receipt.register, receipt.number, seq)
    if (chain !== undefined) setChain.run(chain.register, canonicalJson(chain.state))
  }
}

function claimWriter(db: Database): Writer {
  const insert = db.prepare('INSERT INTO claim VALUES (?, ?, ?)')
  // Only unanswered claims can be released: an answer stays for ever.
  const release = db.prepare('DELETE FROM claim WHERE id = (SELECT claim FROM pending WHERE seq = ?)')
  return (seq, _at, _op, { claim, release: released }) => {
    if (claim !== undefined) insert.run(Buffer.from(claim.id, 'base64url'), Buffer.from(claim.print, 'base64url'), seq)
    if (released !== undefined) release.run(released)
  }
}

function pendingWriter(db: Database): Writer {
  const insert = db.prepare('INSERT INTO pending VALUES (?, ?, ?, ?)')
  const answer = db.prepare('UPDATE pending SET claim = NULL WHERE seq = ?')
  const conclude = db.prepare('UPDATE pending SET device = NULL WHERE seq = ?')
  const settle = db.prepare('DELETE FROM pending WHERE seq = ?')
  const settleIfDone = db.prepare('DELETE FROM pending WHERE seq = ? AND claim IS NULL AND device IS NULL')
  const end = (answered: number | undefined, concluded: number | undefined): void => {
    if (answered !== undefined && answered === concluded) {
      settle.run(answered)
      return
    }
    if (answered !== undefined && answer.run(answered).changes > 0) settleIfDone.run(answered)
    if (concluded !== undefined && conclude.run(concluded).changes > 0) settleIfDone.run(concluded)
  }
  return (seq, _at, op, { claim, answer: given, release, act, ref }) => {
    end(given?.to ?? release, ref)
    const unanswered = claim !== undefined && (given === undefined || given.to !== undefined)
    if (!unanswered && act === undefined) return
    insert.run(seq, op, unanswered ? Buffer.from(claim.id, 'base64url') : null, act?.device ?? null)
  }
}

function sessionWriter(db: Database): Writer {
  const insert = db.prepare('INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)')
  const read = db.prepare<[string], { doc: string; state: string; cash: number }>(
    'SELECT doc, state, cash FROM session WHERE id = ?',
  )
  const update = db.prepare('UPDATE session SET state = ?, cash = ?, doc = ? WHERE id = ?')
  // Of each sale: what is not named here, the index of running sessions does not have to follow.
  const addCash = db.prepare('UPDATE session SET cash = cash + ? WHERE id = ?')
  return (seq, _at, _op, { session }) => {
    if (session === undefined) return
    if (session.set === undefined && addCash.run(session.cash ?? 0, session.id).changes > 0) return
    const before = read.get(session.id)
    const state = session.set?.['state']
    if (before === undefined) {
      insert.run(session.id, seq, session.register, String(state), session.cash ?? 0, canonicalJson(session.set ?? {}))
      return
    }
    const doc = session.set === undefined ? before.doc : canonicalJson({ ...JSON.parse(before.doc), ...session.set })
    update.run(typeof state === 'string' ? state : before.state, before.cash + (session.cash ?? 0), doc, session.id)
  }
}

function deviceWriter(db: Database): Writer {
  const opened = db.prepare('INSERT OR REPLACE INTO device_transaction VALUES (?, ?, ?)')
  const closed = db.prepare('DELETE FROM device_transaction WHERE device = ? AND number = ?')
  const enrol = db.prepare('INSERT OR REPLACE INTO device_enrolment VALUES (?, ?)')
  const forget = db.prepare('DELETE FROM device_enrolment WHERE device = ?')
  return (_seq, _at, op, { transaction, enrolled }) => {
    if (transaction?.state === 'open') opened.run(transaction.device, transaction.number, op)
    if (transaction?.state === 'closed') closed.run(transaction.device, transaction.number)
    if (enrolled?.serial === null) forget.run(enrolled.device)
    else if (enrolled !== undefined) enrol.run(enrolled.device, enrolled.serial)
  }
}

function keyWriter(db: Database): Writer {
  const insert = db.prepare('INSERT INTO api_key VALUES (?, ?, ?, ?, ?, NULL)')
  const revoke = db.prepare('UPDATE api_key SET revoked_at = ? WHERE id = ?')
  return (_seq, at, _op, { key, revoked }) => {
    if (key !== undefined) insert.run(key.id, key.kind, key.register ?? null, Buffer.from(key.hash, 'base64url'), at)
    if (revoked !== undefined) revoke.run(at, revoked)
  }
}
