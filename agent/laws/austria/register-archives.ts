import type { KeyObject } from 'node:crypto'
import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { checkDep7 } from '../../../verify/rksv/check-dep7.ts'
import { FiskalError } from '../../errors.ts'
import type { StoredEvent } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Dep7Certificates } from './dep7.ts'
import { checkerMaterial, writeDep7 } from './dep7.ts'
import { writeDep131 } from './dep131.ts'
import { stampOfJws, unitOfJws } from './jws.ts'
import { madeMs } from './stamp.ts'
import { JWS_MEMBER, jwsIn } from './state.ts'
import { aesKeyText } from './turnover.ts'

export type RegisterArchivesOptions = {
  view: Pick<View, 'receipts' | 'lastReceiptNumber' | 'event' | 'portionAfter' | 'document'>
  /** Certificates of a unit by its serial, also after it was removed. */
  certificatesOf: (serial: string) => Dep7Certificates
  aesKeyOf: (register: string) => KeyObject
  now: () => number
  /** Ids of the devices that sign for a register. */
  unitsOf: (register: string) => readonly string[]
}

/** RFC 3339 with any offset, inclusive. */
type Range = { from: string; to: string }

/** A receipt, and the time at which it became final: when it was made or later. */
type Concluded = { at: string; jws: string }

/** Receipts per portion: about 3 ms, then it yields to the event loop. */
const PORTION = 200
/** Sorts before and after every time as text. */
const always: Range = { from: '', to: '~' }

/** The files of one register that inspectors request, from the journal alone: no unit is needed. They are streamed. */
export class RegisterArchives {
  readonly #options: RegisterArchivesOptions

  constructor(options: RegisterArchivesOptions) {
    this.#options = options
  }

  /**
   * Datenerfassungsprotokoll of § 7 RKSV. A range selects a whole part of the chain: it begins with the first receipt made
   * at or after the begin of the range, and ends before the first one made after its end. A part without the Startbeleg
   * must be marked as partial. Throws `unprocessable_entity` if the part is empty: no tool verifies a file without a
   * receipt, and it proves nothing.
   */
  dep7(register: string, range: Range): AsyncIterable<Uint8Array> {
    return writeDep7(this.#someReceipts(register, range), this.#options.certificatesOf)
  }

  /** True if the range omits receipts: the file is a part and is verified as one. */
  isPartial(register: string, range: Range): boolean {
    const { view } = this.#options
    const { from, to } = utc(range)
    const receiptOf = (number: number) => this.#receiptAt(view.receipts(register, number - 1, 1)[0]?.seq ?? 0)
    const [first, last] = [receiptOf(1), receiptOf(view.lastReceiptNumber(register))]
    return first !== undefined && last !== undefined && (isMadeBefore(first, from) || isMadeAfter(last, to))
  }

  /** The findings in a written DEP7: form, chain, every signature. */
  checkDep7(path: string, partial: boolean, signal: AbortSignal): Promise<readonly string[]> {
    return checkDep7({ path, partial, nowMs: this.#options.now() }, signal)
  }

  /** Datenerfassungsprotokoll of § 131b Abs. 1 Z 2 BAO: everything done at the register, signed or not. */
  dep131(register: string, range: Range): AsyncIterable<string> {
    const { view, unitsOf } = this.#options
    return writeDep131(view, register, { ...utc(range), units: unitsOf(register) })
  }

  /** AES key and certificates for the ministry's checking tool. Secret: only for the technician. */
  async *material(register: string): AsyncIterable<string> {
    const { certificatesOf, aesKeyOf } = this.#options
    const units = new Map<string, Uint8Array>()
    for await (const jws of this.#receipts(register, always)) {
      const { serial } = unitOfJws(jws)
      const certificate = units.has(serial) ? undefined : certificatesOf(serial).certificate
      if (certificate !== undefined) units.set(serial, certificate)
    }
    yield checkerMaterial(aesKeyText(aesKeyOf(register)), units)
  }

  async *#someReceipts(register: string, range: Range): AsyncGenerator<string> {
    let isEmpty = true
    for await (const jws of this.#receipts(register, utc(range))) {
      isEmpty = false
      yield jws
    }
    if (isEmpty) throw new FiskalError('unprocessable_entity', 'The register has no receipt in that range.', range)
  }

  /** JWS texts in chain order. */
  async *#receipts(register: string, { from, to }: Range): AsyncGenerator<string> {
    let isInRange = false
    for await (const receipt of this.#chain(register)) {
      isInRange ||= !isMadeBefore(receipt, from)
      if (isMadeAfter(receipt, to)) return
      if (isInRange) yield receipt.jws
    }
  }

  async *#chain(register: string): AsyncGenerator<Concluded> {
    const { view } = this.#options
    for (let after = 0, read = PORTION; read === PORTION; ) {
      const rows = view.receipts(register, after, PORTION)
      for (const { seq, number } of rows) {
        const receipt = this.#receiptAt(seq)
        if (receipt !== undefined) yield receipt
        after = number
      }
      read = rows.length
    }
  }

  #receiptAt(seq: number): Concluded | undefined {
    const event = this.#options.view.event(seq)
    const jws = event && jwsOf(event)
    return event !== undefined && jws !== undefined ? { at: event.at, jws } : undefined
  }
}

function isMadeBefore(receipt: Concluded, from: string): boolean {
  return receipt.at < from || madeAt(receipt) < from
}

/** Parses the code only near the end of a range, because that takes time. */
function isMadeAfter(receipt: Concluded, to: string): boolean {
  return receipt.at > to && madeAt(receipt) > to
}

/** By the time in its code, in the format of the events. */
function madeAt({ at, jws }: Concluded): string {
  return rfc3339(madeMs(stampOfJws(jws), parseRfc3339(at) ?? 0))
}

const MEMBER = `"${JWS_MEMBER}":"`

/**
 * The receipt that an event made final: cut out of the text if its position is unambiguous, since parsing is slower.
 */
function jwsOf(event: StoredEvent): string | undefined {
  const { body } = event
  const at = body.indexOf(MEMBER)
  if (at >= 0 && body.indexOf(MEMBER, at + 1) < 0 && !body.includes('"metadata":{'))
    return body.slice(at + MEMBER.length, body.indexOf('"', at + MEMBER.length))
  return jwsIn(bodyOf(event))
}

/** In the format of the events, so that text sorts like time. */
function utc({ from, to }: Range): Range {
  return { from: rfc3339(parseRfc3339(from) ?? 0), to: rfc3339(parseRfc3339(to) ?? 0) }
}
