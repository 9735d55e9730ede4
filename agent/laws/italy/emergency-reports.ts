import { formatCents, toCents } from '../../../base/money.ts'
import type { View } from '../../journal/projections/view.ts'
import type { ClosingReport, ClosingReports, ClosingTotals } from '../closing-reports.ts'
import { TakenBackSums } from '../closing-reports.ts'
import type { PrinterEmergency } from './emergency.ts'
import { emergenciesOf } from './emergency.ts'
import type { Entry, EntrySource } from './emergency-entries.ts'
import { entriesIn } from './emergency-entries.ts'
import type { EntrySums } from './emergency-sums.ts'
import { sumsOf } from './emergency-sums.ts'
import { waitsForPrinter } from './entries.ts'
import type { PeriodSettings } from './period.ts'
import { rowOf } from './period.ts'

/** The closing of a register whose emergency is open: a report of its entries of a day. */
export function emergencyReports(
  source: EntrySource & { view: Pick<View, 'unit'> },
  settings: PeriodSettings,
  open: PrinterEmergency,
): ClosingReports {
  return {
    types: ['daily'],
    report: async (register, wanted) => {
      const entries = await entriesOfPrinter(source, settings, open, register)
      const date =
        wanted ??
        entries
          .map(({ facts }) => facts.day)
          .sort()
          .at(-1)
      const own = entries.filter(({ facts }) => facts.day === date)
      const lastSeq = own.at(-1)?.seq
      if (date === undefined || lastSeq === undefined) throw waitsForPrinter(open.emergency.id)
      return {
        ...{ businessDate: date, numbers: [], totals: totalsOf(own), lastSeq },
        sessions: { ids: [], upTo: lastSeq },
      } satisfies ClosingReport
    },
    sessionsOf: () => [],
  }
}

/** A printer may have had several emergencies on one day. */
async function entriesOfPrinter(
  source: Parameters<typeof emergencyReports>[0],
  settings: PeriodSettings,
  { serial }: PrinterEmergency,
  register: string,
): Promise<Entry[]> {
  const all: Entry[] = []
  for (const emergency of emergenciesOf(source.view, serial))
    all.push(
      ...(await entriesIn(source, { serial, emergency }, settings)).filter(
        ({ operation }) => operation.shown.register_id === register,
      ),
    )
  return all
}

/** As those of a Z, of the entries. */
function totalsOf(entries: readonly Entry[]): ClosingTotals {
  const counted = entries.filter(({ printedAs }) => printedAs === undefined)
  const takenBack = new TakenBackSums()
  const cents = { sales: 0n, voids: 0n }
  for (const { operation } of counted) {
    const total = toCents(operation.shown.total_amount)
    cents[operation.kind === 'void' ? 'voids' : 'sales'] += total
    if (operation.kind === 'void') takenBack.add('reversals', total)
    for (const line of operation.shown.cancelled_line_items ?? [])
      takenBack.add('cancelled_lines', toCents(line.total_amount))
  }
  const sums = sumsOf(entries)
  return {
    vat: vatRows(sums),
    payments: [...sums.payments],
    business_cases: [
      { name: 'Vendite', amount: formatCents(cents.sales) },
      { name: 'Resi', amount: '0.00' },
      { name: 'Annulli', amount: formatCents(cents.voids) },
    ],
    ...takenBack.totals(),
  }
}

function vatRows({ rates, natures }: EntrySums): ClosingTotals['vat'] {
  return [
    ...rates.map(({ rate, gross, tax }) => ({ ...rowOf(rate), amount: gross, tax_amount: tax })),
    ...natures.map(({ code, amount }) => ({ ...rowOf(code), amount, tax_amount: '0.00' })),
  ]
}
