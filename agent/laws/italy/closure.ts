import type { Json } from '../../../base/canonical.ts'
import { formatCents } from '../../../base/money.ts'
import { counted } from '../../../base/text.ts'
import type { ClosingHint } from '../../contract/hint.ts'
import { TakenBackSums } from '../closing-reports.ts'
import type { Moment, NewDocument } from '../law.ts'
import type { TransmissionStatus } from '../transmission.ts'
import { transmission } from '../transmission.ts'
import { FACTS } from './facts.ts'
import { four } from './original.ts'
import type {
  Closed,
  PeriodSums,
  PrinterSums,
  ReadTotals,
  RecordedClosing,
  UnknownDocuments,
  UnreportedEntries,
} from './printer-act.ts'
import { instantOf, romeDay } from './rome-time.ts'
import type { ClosureCause, PrinterCount } from './state.ts'
import { stateMembers } from './state.ts'

/** Maximum number of closures made at the printer that are recorded at once; the rest of a long life is skipped. */
export const UNASKED_MAX = 31

/** The sums of a closing, and findings about its period. */
type Summed = Pick<RecordedClosing, 'totals' | 'hints'>

/** A closing whose sums were not read: an older program asked for it. */
const UNSUMMED: Summed = { totals: null }
/** A period without a document of this journal. */
const NOTHING = {
  ...{ vat: [], payments: [], sales: 0, returns: 0, voids: 0 },
  taken_back: new TakenBackSums().totals(),
} satisfies ReadTotals
/** Parts of the sales that were not paid: given away, paid in advance, or by vouchers that were taxed when they were sold. */
const DEDUCTED = [
  ['Omaggi', 'gift'],
  ['Acconti', 'advance'],
  ['Buoni monouso', 'single_use_voucher'],
] as const
const OF_PRINTER: ClosingHint = {
  code: 'closed_by_printer',
  message: 'The printer made this Z without a request: at its keys, or automatically.',
}

/** Members of a closing: the printer's own number, and its sums. */
export function closureMembers(closure: Closed, serial: string, { totals, hints }: Summed, at: string) {
  const { z, closed_at: local, pending_files: pending } = closure
  const closedAt = instantOf(local, at) ?? at
  return {
    business_date: romeDay(closedAt),
    document_number: four(z),
    z_numbers: [z],
    totals,
    ...(hints !== undefined && { hints: hints as Json }),
    fiscal: { state: 'succeeded' },
    fiscal_information: {
      regime: 'RT',
      rt_serial_number: serial,
      z_number: four(z),
      document_number: four(z),
      document_type: 'non_fiscal',
      printed_at: closedAt,
    },
    ...transmission(statusAtClosing(pending), at),
  }
}

/** The newest file is among those that the printer holds. */
function statusAtClosing(pending: number | undefined): TransmissionStatus {
  if (pending === undefined) return null
  return pending === 0 ? 'transmitted' : 'pending'
}

/** The law's state of a closing. */
export function closureState({ pending_files: pendingFiles }: Closed, cause: ClosureCause) {
  return stateMembers({ facts: { pendingFiles, cause } })
}

/** A closing that no register asked for. */
export function closureDocument(
  closure: Closed,
  serial: string,
  { cause, summed }: { cause: Exclude<ClosureCause, 'asked'>; summed: Summed },
  { at, registerId, merchantId, newId }: Moment,
): NewDocument {
  const id = newId('cls')
  return {
    kind: 'closing.recorded',
    op: id,
    index: { kind: 'closing', merchant: merchantId, register: registerId },
    set: {
      id,
      merchant_id: merchantId,
      register_id: registerId,
      type: cause === 'final' ? 'final' : 'daily',
      created_at: at,
      ...closureMembers(closure, serial, summed, at),
    },
    law: { name: FACTS.name, ...closureState(closure, cause) },
  }
}

/** Closures between the last known one and the printer's count: made at its panel, automatically, or for others. */
export function unaskedClosures(
  before: PrinterCount | undefined,
  { serial, z }: PrinterCount,
  moment: Moment,
  closed: readonly RecordedClosing[],
): NewDocument[] {
  if (before === undefined || before.serial !== serial) return []
  const first = Math.max(before.z, z - UNASKED_MAX) + 1
  return Array.from({ length: Math.max(0, z - first + 1) }, (_, index) => {
    const summed = closed.find((each) => each.z === first + index) ?? UNSUMMED
    return closureDocument({ z: first + index }, serial, { cause: 'printer', summed }, moment)
  })
}

/** The sums of a Z that the printer made itself, unless another register of ours has recorded it already. */
export function closedPeriod({ closing, ...sums }: PeriodSums): RecordedClosing {
  return closing ?? { z: sums.z, ...ofPrinter(summedBy(sums)) }
}

/** The same for sums that were read before the printer made the Z. */
export function ofPrinter({ totals, hints = [] }: Summed): Summed {
  return { totals, hints: [OF_PRINTER, ...hints] }
}

/**
 * The sums that were read before a closing are those of the period that was running then: the printer may have closed
 * it before the requested closing.
 */
export function summedAt(z: number, read: ReadTotals | undefined, running: number): Summed {
  if (read === undefined) return UNSUMMED
  return summedBy(z === running ? read : NOTHING)
}

/** The sums of a period that were read now. */
export function summedBy({ unknown, returned = [], vouchers = [], entries = [], ...sums }: ReadTotals): Summed {
  const { vat, payments, cancelled_lines, taken_back: takenBack } = sums
  const cancelled = cancelled_lines !== undefined && { cancelled_lines }
  const totals = { vat, payments, business_cases: casesOf(sums), ...cancelled, ...takenBack }
  const hints = [
    ...(unknown === undefined ? [] : [unknownHint(unknown)]),
    ...returned,
    ...vouchers,
    ...entries.map(entriesHint),
  ]
  return hints.length === 0 ? { totals } : { totals, hints }
}

/** Signed, like VAT and payments: the printer reports each as a separate sum. Deductions from sales follow. */
function casesOf(sums: Partial<PrinterSums> & Pick<ReadTotals, 'deducted'>): { name: string; amount: string }[] {
  const cases = [
    ['Vendite', 'sales', 1n],
    ['Resi', 'returns', -1n],
    ['Annulli', 'voids', -1n],
  ] as const
  const { deducted = {} } = sums
  return [
    ...cases.flatMap(([name, member, sign]) => {
      const cents = sums[member]
      return cents === undefined ? [] : [{ name, amount: formatCents(sign * BigInt(cents)) }]
    }),
    ...DEDUCTED.flatMap(([name, reason]) => {
      const cents = deducted[reason]
      return cents === undefined ? [] : [{ name, amount: formatCents(BigInt(cents)) }]
    }),
  ]
}

function entriesHint({ date, amount }: UnreportedEntries): ClosingHint {
  const message = `${amount} of ${date} are in the emergency register, and in no report: this Z does not count them.`
  return { code: 'emergency_entries', message, date, amount }
}

function unknownHint(unknown: UnknownDocuments): ClosingHint {
  const { documents_count: count, amount } = unknown
  const over = amount === null ? 'of an unknown amount' : `over ${amount}`
  const message = `The printer has ${counted(count, 'document', 'documents')} ${over} that no operation printed: keyed in at the printer, or lost by a restore. vat and payments do not contain them.`
  return { code: 'rt_documents_unknown', message, ...unknown }
}
