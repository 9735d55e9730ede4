import { ATOMS_PER_CENT, divideRounded, formatCents, toAtoms, toCents } from '../../../base/money.ts'
import type { RtLine } from '../../../drivers/ports/rt-printer.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods } from '../../journal/documents/document.ts'
import { giftCents, isGift } from '../../register/gifts.ts'
import { lineRules } from '../../register/line-types.ts'
import { TakenBackSums } from '../closing-reports.ts'
import type { ReturnSources } from '../returned-goods.ts'
import { voucherHintsBy } from '../used-vouchers.ts'
import { departmentKey, isRate, ROUNDING, rateKey, TIP } from './books/rates.ts'
import { pieceOf } from './ended.ts'
import type { Goods } from './lines.ts'
import { goodsOf } from './lines.ts'
import { roundedUpCents } from './payments.ts'
import { PeriodDocuments } from './period-documents.ts'
import { returnedInPeriod } from './period-returns.ts'
import type { FoundSpan, PeriodSums, PrinterSums } from './printer-act.ts'
import type { JournalSource, Recorded } from './recorded.ts'
import { newestRecorded, printedOf, recordedOf } from './recorded.ts'
import { isOnReso, twoSided } from './sides.ts'
import { stateOf } from './state.ts'
import { worded } from './words.ts'

export type PeriodSettings = {
  /** Keys of the departments on which tips, sold gift cards and cash that is rounded up are printed. */
  tipDepartment: string
  giftCardDepartment: string
  roundingDepartment: string | null
}

/**
 * Consecutive periods of a printer. `found`: documents that the journal does not contain yet; `running`: the printer's
 * report of the last one, if that is not closed yet.
 */
export type PeriodSpan = {
  serial: string
  from: number
  to: number
  found: readonly FoundSpan[]
  running: { documents: number; sums: PrinterSums | undefined } | undefined
}
type Period = { serial: string; z: number }
type Line = Goods['line_items'][number]
/** One side of an operation that has two: the returned or the given goods. */
type Side = 'return' | 'sale'
type Entry = { key: string; cents: bigint; tax: bigint; side: Side }
/** Sales of a period, signed: reversals and returns are negative. */
type VatSums = Map<string, { amount: bigint; tax: bigint }>

/** Operations read before yielding to other work. */
const OPERATIONS_AT_ONCE = 100
const HALF_CENT = 500_000n
const ONE = 100_000_000n

/**
 * The sums of the documents that a printer printed in some periods, from the journal: one walk for all. `returns`:
 * for the hints about sales of which more came back than they had, and vouchers that were used beyond themselves.
 */
export async function periodSums(
  source: JournalSource,
  settings: PeriodSettings,
  { serial, from, to, found, running }: PeriodSpan,
  returns?: ReturnSources,
): Promise<PeriodSums[]> {
  const periods = Array.from({ length: to - from + 1 }, (_, index) => new PeriodDocuments(from + index))
  // Earlier documents named in a later event do not show how far back this page is.
  const isBefore = (page: readonly Recorded[]): boolean => page.some((document) => document.sent && document.z < from)
  for await (const page of newestRecorded(source, serial, isBefore)) for (const period of periods) period.note(page)
  const all: PeriodSums[] = []
  for (const period of periods) {
    for (const span of found) period.find(span)
    const { documents = 0, sums } = (period.z === to && running) || {}
    const unknown = period.unknown(documents, sums)
    const place = { serial, z: period.z }
    all.push({
      z: period.z,
      ...(await goodsSums(source, settings, period, serial)),
      payments: [...period.payments()].sort(byName).map(([name, { cents, pieces, isCounted }]) => ({
        ...{ name, amount: formatCents(cents) },
        ...(isCounted && { count: pieces }),
      })),
      ...period.sums(),
      ...period.deducted(),
      ...(unknown !== undefined && { unknown }),
      ...(returns && (await beyondSale(returns, period.operations, place, source.pause))),
      ...(period.closing !== undefined && { closing: period.closing }),
    })
  }
  return all
}

async function beyondSale(
  returns: ReturnSources,
  operations: ReadonlySet<string>,
  place: Period,
  pause: () => Promise<void>,
): Promise<Pick<PeriodSums, 'returned' | 'vouchers'>> {
  const returned = await returnedInPeriod(returns, operations, place, pause)
  const vouchers = await voucherHintsBy(returns.view, operations)
  return { ...(returned.length > 0 && { returned }), ...(vouchers.length > 0 && { vouchers }) }
}

/** If a reversal continued after a refusal, its last try includes everything that it printed. */
async function goodsSums(
  source: JournalSource,
  settings: PeriodSettings,
  documents: PeriodDocuments,
  serial: string,
): Promise<Pick<PeriodSums, 'vat' | 'taken_back'>> {
  const vat: VatSums = new Map()
  const takenBack = new TakenBackSums()
  const lines = documents.lines()
  const period = { serial, z: documents.z }
  let count = 0
  for (const id of documents.operations) {
    const operation = source.view.operation(id)
    if (operation !== undefined && isGoods(operation)) {
      addVat(vat, operation, printedWith(operation, lines.get(id) ?? [], settings), period)
      addTakenBack(takenBack, operation, period)
    }
    count++
    if (count % OPERATIONS_AT_ONCE === 0) await source.pause()
  }
  for (const id of documents.slips) {
    const shown = source.view.operation(id)?.shown
    if (shown !== undefined && 'total_amount' in shown && shown.training === true)
      takenBack.add('training', toCents(shown.total_amount))
  }
  return { vat: vatRows(vat), taken_back: takenBack.totals() }
}

/** An operation counts in the period of its first document, with the lines that were taken away before it. */
function addTakenBack(sums: TakenBackSums, operation: GoodsDocument, { serial, z }: Period): void {
  const { id, kind, shown } = operation
  if (recordedOf(id, printedOf(operation), serial)[0]?.z !== z) return
  if (kind === 'void') sums.add('reversals', toCents(shown.total_amount))
  if (kind === 'return') sums.add('returns', toCents(shown.total_amount))
  for (const { total_amount: total } of shown.cancelled_line_items ?? []) sums.add('cancelled_lines', toCents(total))
}

function vatRows(vat: VatSums): PeriodSums['vat'] {
  return [...vat].sort(byName).map(([key, { amount, tax }]) => ({
    ...rowOf(key),
    amount: formatCents(amount),
    tax_amount: formatCents(roundedCents(tax)),
  }))
}

/** `IVA 22 %`, `N4`, `IVA 22 % servizi`. */
export function rowOf(key: string): Pick<PeriodSums['vat'][number], 'name' | 'rate' | 'department'> {
  const [kind = '', department] = key.split('/')
  const name = isRate(kind) ? `IVA ${Number(kind) * 100} %` : kind
  return {
    name: department === undefined ? name : `${name} ${department}`,
    ...(isRate(kind) && { rate: kind }),
    ...(department !== undefined && { department }),
  }
}

/** The keys of the departments on which these were printed: the configuration may have changed since. */
function printedWith(operation: GoodsDocument, printed: readonly RtLine[], settings: PeriodSettings): PeriodSettings {
  const { line_items: lines } = worded(goodsOf(operation))
  const voucher = lines.find(isUntaxedVoucher)
  return {
    tipDepartment: printed.findLast(({ text }) => text === TIP)?.vat ?? settings.tipDepartment,
    roundingDepartment: printed.findLast(({ text }) => text === ROUNDING)?.vat ?? settings.roundingDepartment,
    giftCardDepartment: (voucher && vatOfVoucher(voucher, lines, printed)) ?? settings.giftCardDepartment,
  }
}

/** Goods may have the title of a voucher: its rate or natura is then the one that they do not have. */
function vatOfVoucher({ title }: Line, lines: readonly Line[], printed: readonly RtLine[]): string | undefined {
  const alike = printed.filter(({ text }) => text === title || text.endsWith(` x ${title}`))
  const goods = lines.filter((line) => line.title === title && !isUntaxedVoucher(line))
  const keys = new Set(
    goods.map(({ taxes: [tax], department }) => rateKey(departmentKey(String(tax?.code ?? tax?.rate), department))),
  )
  return (alike.find(({ vat }) => !keys.has(rateKey(vat))) ?? alike[0])?.vat
}

function isUntaxedVoucher({ type, taxes }: Line): boolean {
  return !lineRules(type).isTurnover && taxes[0]?.code === undefined
}

function addVat(vat: VatSums, operation: GoodsDocument, settings: PeriodSettings, period: Period): void {
  const side = sideInPeriod(operation, period)
  const entries = resiEntries(operation, settings, period) ?? ratesOf(operation, settings)
  for (const { key, cents, tax } of entries.filter((entry) => side === undefined || side === entry.side)) {
    const name = rateKey(key)
    const sum = vat.get(name) ?? { amount: 0n, tax: 0n }
    vat.set(name, { amount: sum.amount + cents, tax: sum.tax + tax })
  }
}

/** Lines, tip and what was rounded up, by the rate or natura with which they were printed. */
export function ratesOf(operation: GoodsDocument, settings: PeriodSettings): Entry[] {
  const entries = entriesIn(goodsOf(operation), settings)
  const cents = roundedUpCents(operation)
  const key = settings.roundingDepartment ?? 'N2'
  return cents === 0n ? entries : [...entries, entryWith(key, cents, sideOf(cents, operation.kind))]
}

function entriesIn(goods: Goods, { giftCardDepartment, tipDepartment }: PeriodSettings): Entry[] {
  const { type, tip_amount: tip, line_items: lines } = goods
  const tipCents = toCents(tip)
  const entries = lines.map((line): Entry => {
    const { rate = '0', code, tax_amount: tax = '0' } = line.taxes[0] ?? {}
    const isTaxed = toAtoms(rate) !== 0n
    const kind = isTaxed ? rate : (code ?? (lineRules(line.type).isTurnover ? 'N2' : giftCardDepartment))
    const key = departmentKey(kind, line.department)
    const side = isOnReso(line, goods) ? 'return' : 'sale'
    // The office counts a gift with its tax: the rows exceed the payments by it.
    if (isGift(line)) return entryWith(key, signOf(type) * giftCents(line), side)
    const cents = toCents(line.total_amount)
    return isTaxed ? { key, cents, tax: toAtoms(tax), side } : entryWith(key, cents, side)
  })
  return tipCents === 0n ? entries : [...entries, entryWith(tipDepartment, tipCents, sideOf(tipCents, type))]
}

/** The side of a tip, or of an amount that was rounded up, by its sign. */
function sideOf(cents: bigint, type: GoodsDocument['kind']): Side {
  return signOf(type) * cents < 0n ? 'return' : 'sale'
}

function entryWith(key: string, cents: bigint, side: Side): Entry {
  return { key, cents, tax: taxWithin(cents, key), side }
}

/** The part of a return that was printed in the period, if other resi of it were not. */
function resiEntries(operation: GoodsDocument, settings: PeriodSettings, { serial, z }: Period): Entry[] | undefined {
  const { resi = [] } = stateOf(operation).facts
  const documents = printedOf(operation)
  const isOfPeriod = resi.map((_, index) =>
    recordedOf(operation.id, documents.slice(index, index + 1), serial).some((document) => document.z === z),
  )
  if (!isOfPeriod.includes(false)) return undefined
  const { line_items: lines } = goodsOf(operation)
  return resi.flatMap((reso, index): Entry[] => {
    if (isOfPeriod[index] !== true) return []
    const goods = {
      ...goodsOf(operation),
      line_items: lines.map((line, at) => pieceOf(line, -BigInt(reso.lines[at] ?? 0))),
    }
    return entriesIn({ ...goods, tip_amount: formatCents(-BigInt(reso.tip)) }, settings)
  })
}

function taxWithin(cents: bigint, key: string): bigint {
  const [kind = ''] = key.split('/')
  const rate = isRate(kind) ? toAtoms(kind) : 0n
  return divideRounded(cents * rate, ONE + rate) * ATOMS_PER_CENT
}

/** The side of an operation (or of the void of an exchange) that was printed in the period, if the other was not. */
function sideInPeriod(operation: GoodsDocument, { serial, z }: Period): Side | undefined {
  // A void that ended in the middle has annulled the return.
  if (operation.kind === 'void') return operation.shown.fiscal_information === null ? 'return' : undefined
  if (twoSided(operation) === undefined) return undefined
  const documents = recordedOf(operation.id, printedOf(operation), serial).filter((document) => document.z === z)
  const [kind] = documents.map(({ facts }) => facts.document_type)
  return documents.length === 1 && (kind === 'return' || kind === 'sale') ? kind : undefined
}

/** A void has every sign inverted. */
function signOf(kind: GoodsDocument['kind']): bigint {
  return kind === 'void' ? -1n : 1n
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

function roundedCents(atoms: bigint): bigint {
  return (atoms < 0n ? atoms - HALF_CENT : atoms + HALF_CENT) / ATOMS_PER_CENT
}
