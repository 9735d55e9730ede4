import { parseRfc3339 } from '../../base/clock.ts'
import { NumberTable } from '../../base/number-table.ts'
import { bodyOf, factsOf } from '../journal/events.ts'
import type { Cause, OutageReport, UnsignedReceipt } from './outage-report.ts'
import { OutageSums, UnitOutages } from './outage-report.ts'
import type { DeviceEvent, Outage } from './outages.ts'
import { OutageFold } from './outages.ts'

/** A receipt that no unit signed. Times in milliseconds since 1970; `atMs`: when it got its number. */
export type Unsigned = {
  readonly law: string
  readonly register: string
  readonly number: number
  readonly atMs: number
  /** NaN if unknown. */
  readonly cents: number
  /** Why, and when the unit refused; undefined if the journal does not say. */
  readonly refusal: (Cause & { readonly atMs: number }) | undefined
}

/** `cents`: NaN if an amount is unknown. */
export type UnsignedSum = { readonly receipts: number; readonly cents: number }

/** The receipts to be counted. */
export type IsCounted = (receipt: Pick<Unsigned, 'law' | 'register' | 'number' | 'atMs'>) => boolean

type Unit = {
  name: string
  fold: OutageFold
  over: Outage[]
  /** A register signs with it, or a receipt was signed by it or should have been. */
  isUsed: boolean
  /** There are unsigned receipts after its last signature. */
  isOpen: boolean
  /** The cause of the last unsigned receipt since then. */
  cause: number
}

const COLUMNS = {
  at: 'float64',
  refused: 'float64',
  cents: 'float64',
  unit: 'uint32',
  law: 'uint32',
  register: 'uint32',
  number: 'uint32',
  cause: 'uint32',
  within: 'uint32',
  state: 'uint8',
} as const
type Columns = { readonly [name in keyof typeof COLUMNS]?: number }

const WITHDRAWN = 0
const UNSIGNED = 1
/** The next signature after unsigned receipts. */
const SIGNED = 2

/**
 * The outages of signature units in a journal, with the receipts that no unit signed: an unsigned receipt outside each
 * recorded outage of its unit is one itself, until the unit signs again. Derived from the events in order, so that
 * older journals have them, too. Holds some 50 bytes for each unsigned receipt.
 */
export class ReceiptOutages {
  readonly #rows = new NumberTable({
    columns: COLUMNS,
    rows: 1024,
    chunksMax: 16_384,
    refusal: (number) => `${number} unsigned receipts are too many`,
  })
  #last = 0
  readonly #units: Unit[] = []
  readonly #places = new Map<string, number>()
  readonly #names: string[] = []
  readonly #named = new Map<string, number>()
  /** The first one means unknown. */
  readonly #causes: (Cause | undefined)[] = [undefined]

  /** Reads the states of devices and the units of registers from any event. */
  note(event: DeviceEvent): void {
    const { kind, body } = event
    if (kind === 'device.changed') {
      const { device } = factsOf(event, 'device.changed') ?? {}
      const unit = device === undefined ? undefined : this.#unit(device)
      const over = unit?.fold.take(event)
      if (over !== undefined) unit?.over.push(over)
      return
    }
    if (body.includes('"enrolled":{')) this.#noteRetirement(event)
    for (const [, device = ''] of body.matchAll(/"fiscal_device":"([^"\\]+)"/g)) this.#unit(device).isUsed = true
  }

  /** Outages of a unit that the shop no longer uses are over. */
  #noteRetirement({ at, body }: DeviceEvent): void {
    const { enrolled } = bodyOf({ body })
    if (enrolled === undefined || enrolled.serial !== null) return
    const { fold, over } = this.#unit(enrolled.device)
    if (fold.lasting === undefined) return
    over.push({ ...fold.lasting, toMs: Math.max(fold.lasting.fromMs, parseRfc3339(at) ?? 0) })
    fold.lasting = undefined
  }

  /** The unit signed a receipt. */
  signed(device: string, atMs: number): void {
    const unit = this.#unit(device)
    unit.isUsed = true
    if (!unit.isOpen) return
    Object.assign(unit, { isOpen: false, cause: 0 })
    this.#add({ unit: this.#placeOf(device), at: atMs, state: SIGNED })
  }

  /** The unit did not sign a receipt; returns a name for it, by which its refusal can be added later. */
  unsigned(device: string, receipt: Unsigned): number {
    const unit = this.#unit(device)
    unit.isUsed = true
    unit.isOpen = true
    const within = unit.fold.lasting === undefined ? 0 : unit.over.length + 1
    return this.#add({ ...this.#columnsOf(unit, receipt), unit: this.#placeOf(device), within, state: UNSIGNED })
  }

  /** Adds the refusal of a receipt. */
  refused(name: number, receipt: Unsigned): void {
    const unit = this.#units[this.#rows.get(name).unit]
    if (unit !== undefined) this.#rows.set(name, this.#columnsOf(unit, receipt))
  }

  /** The unit had signed it after all. */
  withdraw(name: number): void {
    this.#rows.set(name, { state: WITHDRAWN })
  }

  /** All outages of the units of registers, and the unsigned receipts that are counted. */
  report(isCounted: IsCounted = () => true): OutageReport {
    const units = this.#units.map(({ name, fold, over }) => new UnitOutages(name, [...over, ...lastingOf(fold)]))
    const sums = new OutageSums()
    for (let row = 1; row <= this.#last; row++) {
      const { state, unit: place, at, within, cause } = this.#rows.get(row)
      const unit = units[place]
      if (state === SIGNED) unit?.signed(at)
      if (state !== UNSIGNED || unit === undefined) continue
      const { law, ...receipt } = this.#receiptAt(row)
      if (!isCounted({ law, ...receipt })) continue
      sums.take(receipt)
      unit.take(receipt, { cause: this.#causes[cause], within })
    }
    const outages = units.flatMap((unit, place) => (this.#units[place]?.isUsed === true ? unit.all() : []))
    return { outages, ...sums.all() }
  }

  /** The unsigned receipts of each register that has some, from one time to another (milliseconds since 1970, inclusive). */
  byRegister(fromMs: number, toMs: number): Map<string, UnsignedSum> {
    const sums = new Map<string, UnsignedSum>()
    for (let row = 1; row <= this.#last; row++) {
      if (this.#rows.get(row).state !== UNSIGNED) continue
      const { register, atMs, cents } = this.#receiptAt(row)
      if (atMs < fromMs || atMs > toMs) continue
      const sum = sums.get(register) ?? { receipts: 0, cents: 0 }
      sums.set(register, { receipts: sum.receipts + 1, cents: sum.cents + cents })
    }
    return sums
  }

  #receiptAt(row: number): UnsignedReceipt & { law: string } {
    const { at, refused, cents, law, register, number } = this.#rows.get(row)
    const [lawName = '', registerId = ''] = [this.#names[law], this.#names[register]]
    return { law: lawName, register: registerId, number, cents, atMs: at, refusedMs: refused }
  }

  #columnsOf(unit: Unit, { law, register, number, atMs, cents, refusal }: Unsigned) {
    // The till was answered before the refusal was known: the outage began before.
    const refused = Math.min(refusal?.atMs ?? atMs, atMs)
    const cause = this.#causeFor(unit, refusal)
    return { at: atMs, refused, cents, law: this.#nameOf(law), register: this.#nameOf(register), number, cause }
  }

  /** Neighbours with one code share the words of the first. */
  #causeFor(unit: Unit, cause: Cause | undefined): number {
    if (cause === undefined) return 0
    if (this.#causes[unit.cause]?.code !== cause.code) {
      const { code, message } = cause
      unit.cause = this.#causes.push({ code, message }) - 1
    }
    return unit.cause
  }

  #add(columns: Columns): number {
    this.#last += 1
    this.#rows.set(this.#last, columns)
    return this.#last
  }

  #unit(device: string): Unit {
    const existingUnit = this.#units[this.#placeOf(device)]
    if (existingUnit !== undefined) return existingUnit
    const unit = { name: device, fold: new OutageFold(), over: [], isUsed: false, isOpen: false, cause: 0 }
    this.#units.push(unit)
    return unit
  }

  /** A new unit gets the next place. */
  #placeOf(device: string): number {
    const place = this.#places.get(device) ?? this.#units.length
    this.#places.set(device, place)
    return place
  }

  #nameOf(text: string): number {
    const place = this.#named.get(text) ?? this.#names.push(text) - 1
    this.#named.set(text, place)
    return place
  }
}

function lastingOf({ lasting }: OutageFold): Outage[] {
  return lasting === undefined ? [] : [lasting]
}
