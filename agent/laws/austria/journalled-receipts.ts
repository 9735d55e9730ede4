import { parseRfc3339 } from '../../../base/clock.ts'
import { readReceipt } from '../../../verify/rksv/dep7-receipt.ts'
import { plainSerial } from '../../../verify/rksv/dep7-units.ts'
import type { ReceiptOutages } from '../../devices/receipt-outages.ts'
import type { EventBody, StoredEvent } from '../../journal/events.ts'
import { FACTS } from './facts.ts'
import { jwsIn, refusalIn } from './state.ts'

/** Its name in documents and events. */
export const AUSTRIAN_LAW = FACTS.name

/** Notes the receipts of Austrian registers that no unit signed, from the events of a journal, in order from the first. */
export class JournalledReceipts {
  readonly #outages: ReceiptOutages
  /** Devices by the serial number of their unit. */
  readonly #devices = new Map<string, string>()

  #isEmpty = true

  constructor(outages: ReceiptOutages) {
    this.#outages = outages
  }

  /** True if the journal has no receipt of an Austrian register, not even an unreadable one. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  note({ at }: Pick<StoredEvent, 'at'>, body: EventBody): void {
    const { enrolled } = body
    if (enrolled?.serial != null) this.#devices.set(plainSerial(enrolled.serial), enrolled.device)
    const jws = jwsIn(body)
    if (jws === undefined) return
    this.#isEmpty = false
    this.#take(jws, body, parseRfc3339(at) ?? 0)
  }

  /** Also a receipt with the marker names a unit. */
  #take(jws: string, body: EventBody, atMs: number): void {
    const { receipt } = readReceipt(jws)
    if (receipt === undefined) return
    const serial = plainSerial(receipt.serial)
    const device = this.#devices.get(serial) ?? serial
    const { cashBoxId, number, cents, isUnsigned } = receipt
    const register = body.receipt?.register ?? cashBoxId
    const refused = refusalIn(body)
    const refusal = refused && { ...refused, atMs }
    const named = { law: AUSTRIAN_LAW, register, number: Number(number) }
    if (isUnsigned) this.#outages.unsigned(device, { ...named, atMs, cents: Number(cents), refusal })
    else this.#outages.signed(device, atMs)
  }
}
