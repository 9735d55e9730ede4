import { formatCents, toCents } from '../../../base/money.ts'
import type { Closing } from '../../contract/closing.ts'
import type { Instruction } from '../instruction.ts'
import { instruction, verbatim } from '../instruction.ts'
import type { OpenPeriod } from '../open-period.ts'
import type { KnownPlaces } from './known-place.ts'
import type { PeriodSettings } from './period.ts'
import { periodSums } from './period.ts'
import type { PeriodSums } from './printer-act.ts'
import type { JournalSource, Recorded } from './recorded.ts'
import { newestRecorded } from './recorded.ts'

/** A period that no closing has counted, with its sums by rate or natura. */
export type PrintedPeriod = OpenPeriod & { readonly vat: PeriodSums['vat'] }

/**
 * The documents of a printer since its last closing, by the journal; the sums are those of our documents. `isMeant`: only
 * the documents of these operations. Undefined without documents.
 */
export async function openPeriod(
  source: JournalSource & { places: Pick<KnownPlaces, 'of'> },
  settings: PeriodSettings,
  serial: string,
  isMeant: (operation: string) => boolean = () => true,
): Promise<PrintedPeriod | undefined> {
  const z = (await source.places.of(serial))?.z
  if (z === undefined) return undefined
  const operations = new Map<number, string>()
  const isBefore = (page: readonly Recorded[]): boolean => page.some((one) => one.sent && one.z < z)
  for await (const page of newestRecorded(source, serial, isBefore))
    for (const one of page.documents) if (one.z === z) operations.set(one.number, one.operation)
  const documents = [...operations.values()].filter(isMeant).length
  if (documents === 0) return undefined
  const { view } = source
  const own: JournalSource['view'] = {
    event: (seq) => view.event(seq),
    bodyAt: (seq) => view.bodyAt(seq),
    operation: (id) => (isMeant(id) ? view.operation(id) : undefined),
  }
  const span = { serial, from: z, to: z, found: [], running: undefined }
  const [{ vat } = { vat: [] }] = await periodSums({ ...source, view: own }, settings, span)
  const cents = vat.reduce((sum, { amount }) => sum + toCents(amount), 0n)
  return { serial, z, documents, amount: formatCents(cents), vat }
}

/** The sums for a person who states them at the portal. */
export function periodWords({ z, documents, amount, vat }: PrintedPeriod): Instruction[] {
  const count = documents === 1 ? instruction('1 document') : instruction('{} documents', documents)
  return [instruction('Period of Z {}, not closed: {}, {} EUR.', z, count, amount), vatWords(vat)]
}

/** The sums by rate or natura, as the portal asks for them. */
export function vatWords(vat: NonNullable<Closing['totals']>['vat']): Instruction {
  const words = vat.map(({ name, amount, tax_amount: tax = '0.00' }) => {
    const net = formatCents(toCents(amount) - toCents(tax))
    return `${name} ${amount} (imponibile ${net}, imposta ${tax})`
  })
  return verbatim(`${words.join('; ')}.`)
}
