import { justAfter, parseRfc3339 } from '../../../base/clock.ts'
import { csvLine, csvText } from '../../../base/csv.ts'
import { formatCents } from '../../../base/money.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { merchantIds } from '../../journal/documents/merchants.ts'
import { bodyOf } from '../../journal/events.ts'
import { BEFORE_FIRST } from '../../journal/projections/operation-walk.ts'
import type { View } from '../../journal/projections/view.ts'
import type { ElectronicPart, ElectronicParts } from './electronic-part.ts'
import { electronicParts } from './electronic-part.ts'
import { foundPortions, spanOf } from './emergency-entries.ts'
import { FACTS } from './facts.ts'
import { PrinterHistory } from './printer-history.ts'
import { romeDay } from './rome-time.ts'
import { isEntry, printedIn } from './shapes.ts'
import { referenceOf } from './steps.ts'

/** Both ends are inclusive, RFC 3339. */
export type SheetSpan = { readonly from: string; readonly to: string }

const CAUSES = ['online', 'emergenza', 'senza_documento', 'altro'] as const
type Cause = (typeof CAUSES)[number]
const SUMS = ['pos', 'rt', 'piattaforma', ...CAUSES] as const
type Sums = { [Sum in (typeof SUMS)[number]]: bigint }
/** `z`: four digits; '' without a document. */
type Line = {
  readonly day: string
  readonly serial: string
  readonly tid: string
  readonly z: string
  readonly sums: Sums
}

const HEADER = ['giorno', 'matricola', 'tid', ...SUMS, 'differenza', 'z', 'giorno_z']
const PORTION = 200
/** An event may be appended a moment after the time that it names. */
const LATE_EVENTS = 1000

/**
 * The cross-check of a month: what the till took by each terminal, what the printer has of it under the electronic
 * class, and why the rest is missing there. One line per day in Rome, matricola, TID and Z: the office has what a shop
 * took after midnight, or before it, under the day of the Z.
 */
export class PosSheet {
  readonly #view: View
  readonly #headSeq: number
  readonly #fromMs: number
  readonly #toMs: number
  readonly #lines = new Map<string, Line>()
  readonly #history: PrinterHistory
  /** The day of each Z of a line, by printer and number; '' until it is found. */
  readonly #daysOfZ = new Map<string, string>()
  /** Documents that were found in the memory of a printer, by the id of the emergency. */
  readonly #found = new Map<string, ReadonlyMap<string, string>>()
  operations = 0

  constructor(view: View, { from, to }: SheetSpan, headSeq: number) {
    this.#view = view
    this.#headSeq = headSeq
    this.#fromMs = parseRfc3339(from) ?? 0
    this.#toMs = parseRfc3339(to) ?? 0
    this.#history = new PrinterHistory(view)
    const seqs = seqsOf(view, { from, to })
    for (let after = seqs.after; after < seqs.upTo; ) {
      const events = view.portionAfter(after, PORTION)
      for (const { seq, op, body } of events) if (body.includes('"completed_at"')) this.#note(seq, op, body)
      after = events.at(-1)?.seq ?? seqs.upTo
    }
    this.#findDays(seqs.after)
  }

  get totals(): Sums {
    const sums = noSums()
    for (const line of this.#lines.values()) add(sums, line.sums)
    return sums
  }

  get lines(): string[] {
    const lines = [...this.#lines].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line)
    const rows = lines.map(({ day, serial, tid, z, sums }) => {
      const closed = this.#daysOfZ.get(nameOf(serial, z)) ?? ''
      return csvLine([day, serial, csvText(tid), ...amountsOf(sums), z, closed])
    })
    return [csvLine(HEADER), ...rows]
  }

  /** Exactly one event of an operation completes it. */
  #note(seq: number, op: string, body: string): void {
    const at = bodyOf({ body }).set?.['completed_at']
    if (typeof at !== 'string' || !this.#isWithin(at)) return
    const operation = this.#view.operation(op)
    if (operation === undefined || !isGoods(operation) || operation.shown.training === true) return
    if (!this.#isItalian(operation)) return
    const found = electronicParts(this.#view, operation, this.#printedAs(operation))
    if (found.parts.length === 0) return
    this.operations++
    const { rt_serial_number: serial = this.#serialOf(operation, seq), z_number: z = '' } = found.place ?? {}
    const day = romeDay(at)
    if (z !== '') this.#daysOfZ.set(nameOf(serial, z), '')
    const cause = causeOf(operation, found)
    for (const part of found.parts) {
      // No acquirer has it, nor has the printer as electronic.
      if (part.isOfPlatform && part.printed === 0n) continue
      this.#add({ day, serial, tid: part.tid, z, sums: sumsOf(part, cause) })
    }
  }

  /** The document of an entry that the printer has, although a person had not seen it. */
  #printedAs(operation: GoodsDocument): string | undefined {
    const { fiscal_information: facts } = operation.shown
    if (!isEntry(facts)) return undefined
    const { rt_serial_number: serial, emergency } = facts
    const found = this.#found.get(emergency.id) ?? this.#foundIn(serial, emergency.id)
    this.#found.set(emergency.id, found)
    return found.get(referenceOf(operation))
  }

  #foundIn(serial: string, emergency: string): ReadonlyMap<string, string> {
    const span = spanOf(this.#view, serial, emergency, this.#headSeq)
    return new Map([...foundPortions(this.#view, serial, span)].flatMap((documents) => [...documents]))
  }

  /** The day of each Z, by the printer's clock: it follows its documents. */
  #findDays(after: number): void {
    let missing = this.#daysOfZ.size
    for (let last: number | undefined = after; last !== undefined && missing > 0; ) {
      const rows = this.#view.resources('closing', {}, last, PORTION)
      for (const { id } of rows) {
        const { fiscal_information: facts } = this.#view.closing(id)?.shown ?? {}
        for (const { rt_serial_number: serial, z_number: z, printed_at: at } of printedIn(facts)) {
          const name = nameOf(serial, z)
          if (this.#daysOfZ.get(name) !== '') continue
          this.#daysOfZ.set(name, romeDay(at))
          missing -= 1
        }
      }
      last = rows.at(-1)?.seq
    }
  }

  #isWithin(at: string): boolean {
    const ms = parseRfc3339(at) ?? 0
    return ms >= this.#fromMs && ms <= this.#toMs
  }

  #add(line: Line): void {
    const { day, serial, tid, z, sums } = line
    const key = [day, serial, tid, z].join('\0')
    const before = this.#lines.get(key)
    if (before === undefined) this.#lines.set(key, line)
    else add(before.sums, sums)
  }

  #isItalian({ shown: { register_id: register, merchant_id: merchant } }: GoodsDocument): boolean {
    if (register !== null) return this.#view.register(register)?.shown.fiscalization?.regime === FACTS.name
    return this.#view.merchant(merchant)?.shown.country_code === FACTS.country
  }

  /** The printer of a register at that time, for an operation that printed nothing. */
  #serialOf({ shown }: GoodsDocument, seq: number): string {
    return shown.source === 'ONLINE' ? '' : (this.#history.serialAt(shown.register_id ?? '', seq) ?? '')
  }
}

/** Why a payment is not under the electronic class of the printer. */
function causeOf({ shown }: GoodsDocument, { place }: ElectronicParts): Cause {
  if (shown.source === 'ONLINE') return 'online'
  if (place !== undefined) return 'altro'
  return isEntry(shown.fiscal_information) ? 'emergenza' : 'senza_documento'
}

/** The events among which the operations of a time ended: from the last one that began before it. */
function seqsOf(view: View, { from, to }: SheetSpan): { after: number; upTo: number } {
  const merchants = merchantIds(view)
  const before = merchants.flatMap((merchant) =>
    view.operations({ merchant, to: from }, BEFORE_FIRST.desc, 1, undefined, 'desc').map(({ seq }) => seq),
  )
  const after = merchants.flatMap((merchant) =>
    view.operations({ merchant, from: justAfter(to) }, BEFORE_FIRST.asc, 1).map(({ seq }) => seq),
  )
  return {
    after: Math.max(0, ...before.map((seq) => seq - LATE_EVENTS)),
    upTo: Math.min(Number.MAX_SAFE_INTEGER, ...after.map((seq) => seq + LATE_EVENTS)),
  }
}

function sumsOf({ cents, printed, isOfPlatform }: ElectronicPart, cause: Cause): Sums {
  if (isOfPlatform) return { ...noSums(), rt: printed, piattaforma: printed }
  return { ...noSums(), pos: cents, rt: printed, [cause]: cents - printed }
}

/** Without what a platform collected: the printer has it, and no acquirer. */
export function differenceOf({ pos, rt, piattaforma }: Sums): bigint {
  return pos + piattaforma - rt
}

function amountsOf(sums: Sums): string[] {
  return [...SUMS.map((name) => sums[name]), differenceOf(sums)].map(formatCents)
}

function nameOf(serial: string, z: string): string {
  return `${serial} ${z}`
}

function noSums(): Sums {
  return { pos: 0n, rt: 0n, piattaforma: 0n, online: 0n, emergenza: 0n, senza_documento: 0n, altro: 0n }
}

function add(sums: Sums, more: Sums): void {
  for (const name of SUMS) sums[name] += more[name]
}
