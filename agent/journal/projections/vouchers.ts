import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { Json } from '../../../base/canonical.ts'
import { voucherName } from '../../../base/voucher-number.ts'
import type { LineType } from '../books/operation-parts.ts'
import type { EventBody, Members } from '../events.ts'

/** Enough that hardly two numbers of a shop are the same; the documents have the whole numbers. */
const KEY_BYTES = 8

const ON_ACCOUNT = 'on_account'

/** By the type of a line: true if its `gift_card_id` is the number of a voucher. */
const NAMES_VOUCHER: ReadonlyMap<Json | undefined, boolean> = new Map(
  Object.entries({
    item: false,
    gift_card: true,
    container_deposit: false,
    service_charge: false,
    deposit: false,
    receivable: false,
    single_purpose_voucher: true,
    omaggio: false,
  } satisfies { readonly [Type in LineType]: boolean }),
)

/** An event that names a voucher, a slip of empties or, in a line, the operation that it comes from; and its operation. */
export type VoucherEvent = { seq: number; op: string }

/**
 * The events of operations that name the number of a voucher or of a slip of empties, that name in a line the operation
 * which it comes from, or that are goods on account. Their documents have the amounts that were put on a voucher and
 * taken off, and what came back. An operation that only sells goods has no row.
 */
export class Vouchers {
  readonly #noted: { seq: number; number: string }[] = []
  readonly #insert
  readonly #ofNumber
  readonly #range

  constructor(db: Database) {
    this.#insert = db.prepare<[Buffer, number]>('INSERT OR REPLACE INTO voucher VALUES (?, ?)')
    this.#ofNumber = db.prepare<[Buffer], VoucherEvent>(
      'SELECT seq, event.op AS op FROM voucher JOIN event USING (seq) WHERE number = ? ORDER BY seq',
    )
    this.#range = db.prepare<[number, number, number], VoucherEvent>(
      `SELECT seq, event.op AS op FROM voucher INDEXED BY voucher_seq JOIN event USING (seq)
       WHERE seq > ? AND seq <= ? GROUP BY seq ORDER BY seq LIMIT ?`,
    )
  }

  /** Written rows only. */
  of(number: string): VoucherEvent[] {
    return this.#ofNumber.all(keyOf(number))
  }

  /** Written rows only: after a seq, up to another. */
  between(after: number, upTo: number, limit: number): VoucherEvent[] {
    return this.#range.all(after, upTo, limit)
  }

  /** Runs for each event, so it makes no object. A number that is noted twice has one row. */
  note(seq: number, op: string, { set, plan }: EventBody): void {
    if (op === '') return
    this.#noteNumbers(seq, set)
    this.#noteNumbers(seq, plan?.set)
  }

  #noteNumbers(seq: number, set: Members | undefined): void {
    if (set === undefined) return
    this.#noteSlip(seq, set)
    this.#noteEntries(seq, set['line_items'])
    this.#noteEntries(seq, set['payments'])
  }

  #noteEntries(seq: number, entries: Json | undefined): void {
    if (!Array.isArray(entries)) return
    for (const entry of entries as readonly Json[]) {
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue
      const { type, method, gift_card_id: number, related_operation_id: original } = entry as Members
      if (typeof number === 'string' && (method === 'gift_card' || NAMES_VOUCHER.get(type) === true))
        this.#noted.push({ seq, number })
      if (typeof original === 'string') this.#noted.push({ seq, number: original })
      if (type === 'container_deposit') this.#noteSlip(seq, entry as Members)
      if (method === ON_ACCOUNT) this.#noted.push({ seq, number: ON_ACCOUNT })
    }
  }

  #noteSlip(seq: number, { external_related_operation: external }: Members): void {
    const number = (external as Members | null | undefined)?.['external_operation_id']
    if (typeof number === 'string') this.#noted.push({ seq, number })
  }

  write(): void {
    for (const { seq, number } of this.#noted) this.#insert.run(keyOf(number), seq)
    this.#noted.length = 0
  }

  forget(): void {
    this.#noted.length = 0
  }
}

function keyOf(number: string): Buffer {
  return createHash('sha256').update(voucherName(number)).digest().subarray(0, KEY_BYTES)
}
