import { DeviceError } from '../../../drivers/errors.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { closedPeriod, UNASKED_MAX } from './closure.ts'
import type { PeriodSpan } from './period.ts'
import type { PeriodSums, PrinterSums, Read, ReadAct, ReadTotals } from './printer-act.ts'

/** The printer's report of its running period. */
type Reported = PrinterSums & { documents: number }
/** The sums of a printer's periods according to the journal. */
export type SumsOf = (span: PeriodSpan) => Promise<readonly PeriodSums[]>

/** `untold` for a printer that reports no totals: it closes its day anyway. Undefined if it did not answer. */
export async function reportedBy(printer: RtPrinter): Promise<Reported | 'untold' | undefined> {
  try {
    const { documents, salesCents, returnsCents, voidsCents } = await printer.dailyTotals()
    return { documents, sales: Number(salesCents), returns: Number(returnsCents), voids: Number(voidsCents) }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return error.code === 'refused' ? 'untold' : undefined
  }
}

/**
 * The counters with the sums of the periods that ended since the register's last act, and of the running one before a
 * closing. They are read here, since a conclusion runs inside a commit and cannot walk the journal.
 */
export async function withSums(
  read: Read,
  act: ReadAct,
  reported: Reported | undefined,
  sumsOf: SumsOf,
): Promise<Read> {
  const { baseline, found = [] } = read
  const { serial, z, number } = baseline
  const isClosing = act.totals === true || act.totals === 'journal'
  const from = Math.max(act.since ?? z, z - UNASKED_MAX) + 1
  const to = isClosing ? z + 1 : z
  if (from > to) return read
  const running = isClosing ? { documents: reported?.documents ?? number, sums: reported } : undefined
  const periods = await sumsOf({ serial, from, to, found, running })
  const closed = periods.filter((period) => period.z <= z).map(closedPeriod)
  const last = isClosing ? periods.find((period) => period.z === to) : undefined
  return {
    ...read,
    ...(last !== undefined && { totals: totalsOf(last, reported) }),
    ...(closed.length > 0 && { closed }),
  }
}

/** The printer's sums take precedence; without them those of the journal are used. */
function totalsOf(
  {
    vat,
    payments,
    deducted,
    taken_back: takenBack,
    sales,
    returns,
    voids,
    unknown,
    returned,
    vouchers,
    entries,
  }: PeriodSums,
  reported: Reported | undefined,
): ReadTotals {
  return {
    ...(reported ?? { sales, returns, voids }),
    ...{ vat, payments },
    ...(deducted !== undefined && { deducted }),
    ...(takenBack !== undefined && { taken_back: takenBack }),
    ...(unknown !== undefined && { unknown }),
    ...(returned !== undefined && { returned }),
    ...(vouchers !== undefined && { vouchers }),
    ...(entries !== undefined && { entries }),
  }
}
