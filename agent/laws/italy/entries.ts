import { formatCents, toCents } from '../../../base/money.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { FiskalError } from '../../errors.ts'
import { isConfirmed } from '../../journal/confirmed-tasks.ts'
import type { DocumentOf, OperationDocument, RecordedDocument } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Conclusion, Moment } from '../law.ts'
import { classesOf, className } from './classes.ts'
import type { Emergency, PrinterEmergency } from './emergency.ts'
import { dayEvents } from './emergency.ts'
import { limitHints } from './hints.ts'
import { romeDay } from './rome-time.ts'
import { isEntry } from './shapes.ts'
import type { EntryFacts } from './state.ts'
import { printOf, stateMembers, stateOf } from './state.ts'

/** Each line is shorter than a receipt: one line would break inside the second words. */
const ENTRY_TEXT = 'REGISTRO DI EMERGENZA\nDOCUMENTO NON FISCALE'

type Entered = DocumentOf<'sale' | 'deposit' | 'deposit_capture' | 'void'>
type OriginalOf = (id: string) => OperationDocument | undefined

/** True for an operation that is entered in the register instead of printed: what sells, and the reversal of an entry. */
export function isEntered(document: RecordedDocument): document is Entered {
  switch (document.kind) {
    case 'sale':
    case 'deposit':
    case 'deposit_capture':
    case 'void':
      return document.shown.training !== true
    default:
      return false
  }
}

/**
 * Refuses what only the printer could do. An entry is not planned as an act, whose intent would wait for the printer.
 * `planned`: the document that the printer would get; its rules hold for an entry too.
 */
export function planEntry(
  document: RecordedDocument,
  { id }: Emergency,
  {
    view,
    operationOf,
    planned,
  }: { view: Pick<View, 'confirmedTask'>; operationOf: OriginalOf; planned: () => RtDocument | undefined },
): void {
  // The rest of a half printed operation is printed, too; a sale that takes goods back has a reso.
  if (!isEntered(document) || printOf(document).printed.length > 0) throw waitsForPrinter(id)
  if (document.kind !== 'void') {
    if (planned()?.kind !== 'sale') throw waitsForPrinter(id)
  } else refuseOtherVoid(document, id, { view, operationOf })
}

export function waitsForPrinter(id: string): FiskalError {
  const words = 'The emergency register is open: only what sells is entered, and the reversal of an entry.'
  return new FiskalError('emergency_open', words, { emergency_id: id })
}

/** Until the sums of its day are stated, an entry can be taken back in the same emergency. */
function refuseOtherVoid(
  document: DocumentOf<'void'>,
  emergency: string,
  { view, operationOf }: { view: Pick<View, 'confirmedTask'>; operationOf: OriginalOf },
): void {
  const id = document.shown.related_operation_id
  const original = operationOf(id)
  const facts = original?.shown.fiscal_information
  if (!isEntry(facts)) throw waitsForPrinter(emergency)
  if (facts.emergency.id !== emergency) {
    const words = `Operation ${id} is an entry of an earlier emergency: record a return when the printer is back.`
    throw new FiskalError('related_operation_invalid', words, { related_operation_id: id })
  }
  const day = entryOf(original)?.day ?? ''
  if (!isConfirmed(view, sumsDutyId(emergency, day))) return
  const words = `The sums of ${day} are stated: record a return of operation ${id} when the printer is back.`
  throw new FiskalError('void_after_closing', words, { related_operation_id: id })
}

/** The duty that states the sums of a day. */
export function sumsDutyId(emergency: string, day: string): string {
  return `emergency-sums-${emergency}-${day}`
}

/** The entry, in the commit that completes its operation: its number is the receipt number, which has no gaps. */
export function entered(
  view: Pick<View, 'unit'>,
  document: Entered,
  { serial, emergency }: PrinterEmergency,
  { operationOf, planned }: { operationOf: OriginalOf; planned: () => readonly RtDocument[] },
  { at, receiptNumber }: Moment,
): Conclusion {
  const voided = document.kind === 'void' ? entryOf(operationOf(document.shown.related_operation_id)) : undefined
  const documents = voided === undefined ? planned() : []
  const hints = limitHints(document, documents, at)
  const entry: EntryFacts = {
    emergency: emergency.id,
    day: voided?.day ?? romeDay(at),
    payments:
      voided === undefined
        ? documents
            .flatMap(classesOf)
            .map(({ tender, cents }) => ({ name: className(tender), amount: formatCents(cents) }))
        : voided.payments.map(({ name, amount }) => ({ name, amount: formatCents(-toCents(amount)) })),
  }
  return {
    set: {
      fiscal: { state: 'succeeded', receipt_text: ENTRY_TEXT },
      fiscal_information: {
        regime: 'RT',
        rt_serial_number: serial,
        z_number: null,
        document_number: null,
        document_type: 'emergency',
        printed_at: null,
        emergency: { id: emergency.id, entry: receiptNumber, recorded_at: at },
      },
      ...(hints.length > 0 && { hints }),
    },
    law: stateMembers({ print: 'none', facts: { entry } }),
    events: dayEvents(view, serial, emergency, entry.day),
  }
}

function entryOf(document: OperationDocument | undefined): EntryFacts | undefined {
  return document && stateOf(document).facts.entry
}
