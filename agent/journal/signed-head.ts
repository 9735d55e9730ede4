import type { Database } from 'better-sqlite3'
import { CodedError } from '../../base/thrown.ts'
import type { Chain, Chains } from './chains.ts'
import { chainAt, lastChain, readChains } from './chains.ts'
import { keyId, verifyCheckpoint } from './checkpoint.ts'
import type { Renewal } from './event-facts.ts'
import { headSeq } from './event-table.ts'
import { projectedSeq } from './projections/follow.ts'

/** A journal signs at least every so many events. */
const EVENTS_LIMIT = 1000
/** The journal signs in the pause after a group, and without a pause after 60 s within one: a kill leaves less. */
const SPAN_LIMIT_NS = 120e9
/** Reason of the epoch with which a person continued a journal whose head was unsigned. */
export const UNSIGNED_HEAD = 'unsigned_head'

/**
 * Own checkpoints reach to event `signedTo` of the journal, whose newest is `last`, and no kill of the agent explains the
 * rest. `tablesTo`: the newest event that the tables were made of.
 */
export type Unsigned = {
  readonly signedTo: number
  readonly last: number
  readonly why: string
  readonly tablesTo: number
}

export type StoredCheckpoint = {
  readonly seq: number
  readonly head: Buffer
  readonly kid: string
  readonly sig: Buffer
}

export const UNSIGNED_REMEDY =
  'Events may have been removed or changed: keep a copy of the disk and inform the bookkeeper. ' +
  '"fiskal-edge journal reopen" continues from here in a new epoch; journal and audit then report it permanently.'

export function unsignedText({ signedTo, last, why, tablesTo }: Unsigned): string {
  const lost = tablesTo > last ? ` The tables have events up to ${tablesTo}.` : ''
  return `The checkpoints of this journal reach to event ${signedTo} of ${last}: ${why}.${lost}`
}

/** Throws `journal_unsigned`. */
export function demandSigned(db: Database): void {
  const unsigned = unsignedHead(db)
  if (unsigned !== undefined) throw new CodedError('journal_unsigned', `${unsignedText(unsigned)} ${UNSIGNED_REMEDY}`)
}

/** Examines the newest events and their checkpoints in one read; undefined if they are signed. */
export function unsignedHead(db: Database): Unsigned | undefined {
  return db.transaction(() => {
    const last = headSeq(db)
    if (last === 0) return undefined
    const chains = readChains(db)
    const { signedTo, wrong } = newestSigned(db, chains, last)
    const why = wrong ?? tailFault(db, signedTo, last)
    return why === undefined ? undefined : { signedTo, last, why, tablesTo: projectedSeq(db) }
  })()
}

/** The last event of the journal before a person continued it though its head was unsigned; 0 if no one did. */
export function reopenedAfter(chains: Chains): number {
  return chains.findLast(isReopened)?.base ?? 0
}

export function isReopened({ opening }: Pick<Chain, 'opening'>): boolean {
  return opening.reason === UNSIGNED_HEAD
}

/**
 * The facts of the epoch that continues an unsigned journal; `signed_to` and `tables_to` in the numbers of the chain
 * that ends.
 */
export function unsignedRenewal(chains: Chains, { signedTo, last, tablesTo }: Unsigned): Renewal {
  const { base } = lastChain(chains)
  const lost = tablesTo > last ? { tables_to: tablesTo - base } : {}
  return { reason: UNSIGNED_HEAD, signed_to: Math.max(0, signedTo - base), ...lost }
}

/** True if the key of the event's own chain signed it. */
export function isOwnCheckpoint({ seq, head, kid, sig }: StoredCheckpoint, chains: Chains): boolean {
  const { publicKey, id, epoch, base } = chainAt(chains, seq)
  // An overwritten page returns any value.
  const isWhole = Buffer.isBuffer(head) && Buffer.isBuffer(sig)
  return isWhole && kid === keyId(publicKey) && verifyCheckpoint(publicKey, id, epoch, seq - base, head, sig)
}

/** The last signed event, by the checkpoints after the last reopening. */
function newestSigned(db: Database, chains: Chains, last: number): { signedTo: number; wrong: string | undefined } {
  const from = reopenedAfter(chains)
  const rows = db.prepare<[number], StoredCheckpoint>('SELECT * FROM checkpoint WHERE seq > ? ORDER BY seq DESC')
  let signedTo: number | undefined
  let wrong: string | undefined
  for (const row of rows.iterate(from)) {
    if (signedTo !== undefined && row.seq <= last - EVENTS_LIMIT) break
    if (isOwnCheckpoint(row, chains)) signedTo ??= row.seq
    else wrong = `the checkpoint of event ${row.seq} is not signed by the key of this journal`
  }
  return { signedTo: signedTo ?? from, wrong }
}

type Stamp = { readonly boot: string; readonly mono: string }

/** Why a kill does not explain the events after a checkpoint. */
function tailFault(db: Database, signedTo: number, last: number): string | undefined {
  if (last - signedTo > EVENTS_LIMIT) return `a checkpoint is due after ${EVENTS_LIMIT} events`
  const tail = db.prepare<[number], Stamp>('SELECT boot, mono FROM event WHERE seq > ? ORDER BY seq').all(signedTo)
  if (new Set(tail.map(({ boot }) => boot)).size > 1) return 'the agent was started in between, and each start signs'
  const times = tail.map(({ mono }) => Number(mono))
  const span = Math.max(...times) - Math.min(...times)
  return span > SPAN_LIMIT_NS
    ? `they were written within ${Math.round(span / 1e9)} s, and a minute is signed`
    : undefined
}
