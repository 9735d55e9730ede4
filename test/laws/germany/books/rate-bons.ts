import { Books } from '../../../../agent/journal/books/books.ts'
import type { BookFinding } from '../../../../agent/journal/books/findings.ts'
import { LAW_BOOKS } from '../../../../agent/laws/law-books.ts'

export const REGISTER = 'reg_1'
export const RATE_CODES = ['tse_rate_implausible', 'tse_rate_undated', 'tse_rate_configured']

export type Line = readonly [amount: string, rate: string, more?: object]
export type Made = {
  type?: string
  lines: readonly Line[]
  /** By the events. */
  at: string
  endedAt?: string
  /** Signed from … to; absent: no TSE signed it. */
  signed?: readonly [start: string, end: string]
  related?: string
  suspect?: 'begin' | 'end'
  vat?: readonly { rate: string }[]
  training?: true
  status?: 'voided' | 'completed'
  isOnline?: true
  /** A second time of its start, written where it ends. */
  startedAt?: string
}

/** The members of a line that every comparison of the books reads. */
export function lineOf([total_amount, rate, more]: Line): object {
  const article = { sku_identifier: 'a', title: 'A', quantity: 1, unit_price: total_amount }
  return { ...article, total_amount, taxes: [{ rate }], ...more }
}

/** Folds bons as the events of a journal have them; only the findings about rates. */
export class Journal {
  readonly #books = new Books('salt', LAW_BOOKS)
  #seq = 0
  #number = 0

  bon(
    id: string,
    { type = 'sale', lines, at, endedAt = at, signed, related, status = 'completed', ...made }: Made,
  ): this {
    const shown = {
      type,
      line_items: lines.map(lineOf),
      tip_amount: '0.00',
      ...(related !== undefined && { related_operation_id: related }),
      ...(made.training !== undefined && { training: true }),
    }
    const transaction = { serial: 'aa', client: 'c', transaction: this.#number + 1, started_at: signed?.[0] }
    const isSigned = signed !== undefined
    const act = { device: 'tse-1', client: 'c' }
    this.#note(id, at, {
      index: { kind: type, register: REGISTER },
      set: { ...shown, status: 'open', fiscal: { state: 'pending' } },
      ...(made.isOnline !== true && { law: { name: 'KassenSichV', vat: made.vat } }),
      ...(made.suspect === 'begin' && { clock: 'suspect' }),
      ...(isSigned && { act: { ...act, name: 'start' } }),
    })
    if (made.isOnline === true) return this
    if (isSigned) this.#note(id, at, { ref: this.#seq, law: { transaction } })
    this.#number += 1
    const end = { process_data: '', process_type: 'Kassenbeleg-V1', signature: 's', transaction_counter: 2 }
    const information = { end_event: { ...end, signed_at: signed?.[1] }, tss_serial_number: 'aa' }
    if (isSigned) this.#note(id, endedAt, { act: { ...act, name: 'finish', process_data: '' } })
    const edited = made.startedAt ?? signed?.[0]
    this.#note(id, endedAt, {
      ...(isSigned && { ref: this.#seq }),
      ...(isSigned && { law: { transaction: { ...transaction, started_at: edited } } }),
      receipt: { register: REGISTER, number: this.#number },
      status,
      set: {
        status,
        fiscal: { state: isSigned ? 'succeeded' : 'failed' },
        ...(isSigned && { fiscal_information: information }),
      },
      ...(made.suspect === 'end' && { clock: 'suspect' }),
    })
    return this
  }

  /** A sale that no TSE secures, with other goods at its completion. */
  amended(id: string, { later, at, ...made }: Made & { later: readonly Line[] }): this {
    this.bon(id, { ...made, at, isOnline: true })
    this.#note(id, at, { set: { line_items: later.map(lineOf) } })
    this.#note(id, at, { status: 'completed', set: { status: 'completed' } })
    return this
  }

  found(): BookFinding[] {
    return this.#books.findings.all().filter(({ code }) => RATE_CODES.includes(code))
  }

  told(): (string | number | undefined)[][] {
    return this.found().map(({ code, facts }) => [code, facts['bon'] ?? facts['count'], facts['rate'] ?? facts['sum']])
  }

  #note(op: string, at: string, body: object): void {
    this.#seq += 1
    this.#books.note({ seq: this.#seq, kind: 'operation.noted', op, at, body: JSON.stringify(body) })
  }
}

export function signedAt(start: string, end = start): Pick<Made, 'at' | 'endedAt' | 'signed'> {
  return { at: start, endedAt: end, signed: [start, end] }
}

export const NOW = signedAt('2026-11-26T10:00:00.000Z')
