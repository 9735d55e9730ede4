import { formatCents } from '../../../base/money.ts'
import type { Members } from '../../journal/events.ts'
import type { Moment, NewDocument } from '../law.ts'
import { FACTS } from './facts.ts'
import { four } from './original.ts'
import type { Closed, ReadTotals } from './printer-act.ts'
import { instantOf, romeDay } from './rome-time.ts'
import type { ClosureCause, PrinterCount } from './state.ts'
import { stateMembers } from './state.ts'

/** Maximum number of closures made at the printer that are recorded at once; the rest of a long life is skipped. */
const UNASKED_MAX = 31

/** Members of a closing: the printer's own number, and its totals if they were read before. */
export function closureMembers(closure: Closed, serial: string, totals: ReadTotals | undefined, at: string): Members {
  const { z, closed_at: local } = closure
  const closedAt = instantOf(local, at) ?? at
  return {
    business_date: romeDay(closedAt),
    document_number: four(z),
    z_numbers: [z],
    totals: totals === undefined ? null : totalsOf(totals),
    fiscal: { state: 'succeeded' },
    fiscal_information: {
      regime: 'RT',
      rt_serial_number: serial,
      z_number: four(z),
      document_number: four(z),
      document_type: 'non_fiscal',
      printed_at: closedAt,
    },
  }
}

/** The law's state of a closing. */
export function closureState({ pending_files: pendingFiles }: Closed, cause: ClosureCause): Members {
  return stateMembers({ facts: { pendingFiles, cause } })
}

/** A closing that no register asked for. */
export function closureDocument(
  closure: Closed,
  serial: string,
  cause: Exclude<ClosureCause, 'asked'>,
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
      ...closureMembers(closure, serial, undefined, at),
    },
    law: { name: FACTS.name, ...closureState(closure, cause) },
  }
}

/** Closures between the last known one and the printer's count: made at its panel, automatically, or for others. */
export function unaskedClosures(
  known: PrinterCount | undefined,
  { serial, z }: PrinterCount,
  moment: Moment,
): NewDocument[] {
  if (known === undefined || known.serial !== serial) return []
  const first = Math.max(known.z, z - UNASKED_MAX) + 1
  return Array.from({ length: Math.max(0, z - first + 1) }, (_, index) =>
    closureDocument({ z: first + index }, serial, 'printer', moment),
  )
}

function totalsOf(totals: ReadTotals): Members {
  const cases = [
    ['Vendite', 'sales', 1n],
    ['Resi', 'returns', -1n],
    ['Annulli', 'voids', -1n],
  ] as const
  return {
    vat: totals.vat,
    payments: totals.payments,
    // Signed, like VAT and payments: the printer reports each as a separate sum.
    business_cases: cases.flatMap(([name, member, sign]) => {
      const cents = totals[member]
      return cents === undefined ? [] : [{ name, amount: formatCents(sign * BigInt(cents)) }]
    }),
  }
}
