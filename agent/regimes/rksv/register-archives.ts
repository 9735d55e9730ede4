import { parseRfc3339, rfc3339 } from '../../clock.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Dep7Certificates } from './dep7.ts'
import { checkerMaterial, writeDep7 } from './dep7.ts'
import { writeDep131 } from './dep131.ts'
import { payloadOfJws } from './jws.ts'
import { parsePayload } from './machine-code.ts'
import { aesKeyText } from './turnover.ts'

export type RegisterArchivesOptions = {
  view: Pick<View, 'receipts' | 'event' | 'eventsAfter' | 'document'>
  /** Of a unit by its serial, also when it is gone. */
  certificatesOf: (serial: string) => Dep7Certificates
  aesKeyOf: (register: string) => Uint8Array
}

/** RFC 3339 with any offset, inclusive. */
type Range = { from: string; to: string }

/** Receipts or events read in one go: some 3 ms, then the event loop gets its turn. */
const PORTION = 200
/** Before and behind every time as text. */
const always: Range = { from: '', to: '~' }

/** The files of one register that inspectors ask for, from the journal alone: no unit is needed. They stream. */
export class RegisterArchives {
  private readonly options: RegisterArchivesOptions

  constructor(options: RegisterArchivesOptions) {
    this.options = options
  }

  /**
   * Datenerfassungsprotokoll of § 7 RKSV. A range takes whole receipts by their place in the chain, from the first at or
   * after its begin to the last before one after its end: a part without the Startbeleg is to be named partial.
   */
  dep7(register: string, range: Range): AsyncIterable<Uint8Array> {
    return writeDep7(this.receipts(register, utc(range)), this.options.certificatesOf)
  }

  /** Datenerfassungsprotokoll of § 131b Abs. 1 Z 2 BAO: all that was done at the register, signed or not. */
  dep131(register: string, range: Range): AsyncIterable<string> {
    return writeDep131(this.options.view, register, utc(range), PORTION)
  }

  /** AES key and certificates for the ministry's checking tool. Secret: for the technician alone. */
  async *material(register: string): AsyncIterable<string> {
    const { certificatesOf, aesKeyOf } = this.options
    const units = new Map<string, Uint8Array>()
    for await (const jws of this.receipts(register, always)) {
      const { serial } = parsePayload(payloadOfJws(jws))
      const certificate = units.has(serial) ? undefined : certificatesOf(serial).certificate
      if (certificate !== undefined) units.set(serial, certificate)
    }
    yield checkerMaterial(aesKeyText(aesKeyOf(register)), units)
  }

  /** JWS texts in the order of the chain. */
  private async *receipts(register: string, { from, to }: Range): AsyncGenerator<string> {
    let begun = false
    for await (const { at, jws } of this.chain(register)) {
      begun ||= at >= from
      if (at > to) return
      if (begun) yield jws
    }
  }

  private async *chain(register: string): AsyncGenerator<{ at: string; jws: string }> {
    const { view } = this.options
    for (let after = 0, read = PORTION; read === PORTION; ) {
      const rows = view.receipts(register, after, PORTION)
      for (const { seq, number } of rows) {
        const event = view.event(seq)
        const jws = event && bodyOf(event).set?.['$jws']
        if (event !== undefined && typeof jws === 'string') yield { at: event.at, jws }
        after = number
      }
      read = rows.length
    }
  }
}

/** As the events carry their times, so that text compares like time. */
function utc({ from, to }: Range): Range {
  return { from: rfc3339(parseRfc3339(from) ?? 0), to: rfc3339(parseRfc3339(to) ?? 0) }
}
