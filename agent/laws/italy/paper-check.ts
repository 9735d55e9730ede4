import type { RecordedDocument } from '../../journal/documents/document.ts'
import type { PaperCheck } from '../../journal/documents/records.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction, verbatim } from '../instruction.ts'
import type { Failed, Moment, NewDocument } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import type { PrintAct, Printed } from './printer-act.ts'
import { romeDay } from './rome-time.ts'
import { printOf } from './state.ts'
import { referenceOf } from './steps.ts'

/** The reason to check a document on paper; the same code as its warning. */
type PaperCheckCode = 'print_uncertain' | 'misprint_annulled' | 'annulment_due' | 'printer_replaced'

/** A task that is also reported immediately, with the printer. */
export type PaperCheckTask = Task & { readonly code: PaperCheckCode; readonly device_id: string }

/** Number of the document, of those that were annulled and their printer, and the driver's message. */
type Found = Pick<PaperCheck, 'document_number' | 'annulled' | 'serial' | 'message'>

const PAGE = 200
const PAGES_MAX = 50

/**
 * Documents that the agent cannot identify with certainty. It took one for its own, but an equal one may have been keyed
 * in. Or a power loss had made sales of a return, and they were annulled.
 */
export function paperCheckDocuments(
  document: RecordedDocument,
  act: PrintAct,
  { annulled, certain, document_number, serial }: Printed,
  moment: Moment,
): NewDocument[] {
  if (annulled === undefined && certain) return []
  const code = annulled === undefined ? 'print_uncertain' : 'misprint_annulled'
  const found = { document_number, ...(annulled !== undefined && { annulled, serial }) }
  return [paperCheckDocument(document, code, { device_id: act.device, ...found }, moment)]
}

/**
 * Sales that a power loss made of a return that is not printed: the annulled ones, and one that the printer would not
 * annul (in the driver's message). Also a document that may be on the paper of a replaced printer: the new one prints
 * it again.
 */
export function failureDocuments(document: RecordedDocument, failed: Failed, moment: Moment): NewDocument[] {
  const { code, message, beside } = failed
  const { annulled } = (beside ?? {}) as Pick<Printed, 'annulled'>
  const { serial } = printOf(document).baseline ?? {}
  const checkOf = (check: PaperCheckCode, found: Found) =>
    paperCheckDocument(document, check, { device_id: moment.device, ...found }, moment)
  return [
    ...(annulled === undefined
      ? []
      : [checkOf('misprint_annulled', { annulled, ...(serial !== undefined && { serial }) })]),
    ...(code === 'annulment_due' ? [checkOf('annulment_due', { message })] : []),
    ...(code === 'printer_replaced' && document.kind !== 'closing' ? [checkOf('printer_replaced', { message })] : []),
  ]
}

function paperCheckDocument(
  document: RecordedDocument,
  code: PaperCheckCode,
  found: Found & Pick<PaperCheck, 'device_id'>,
  moment: Moment,
): NewDocument {
  const { at, registerId, merchantId, newId } = moment
  const id = newId('dbt')
  const set: PaperCheck = { id, code, operation_id: document.id, ...found, created_at: at }
  return {
    kind: 'paper_check.requested',
    op: id,
    index: { kind: 'paper_check', merchant: merchantId, register: registerId },
    set,
  }
}

/** All of them, the oldest first; the person who checked the paper confirms the task. */
export function paperCheckTasks(view: Pick<View, 'resources' | 'paperCheck'>): PaperCheckTask[] {
  const tasks: PaperCheckTask[] = []
  for (let after = 0, pages = 0; pages < PAGES_MAX; pages++) {
    const rows = view.resources('paper_check', {}, after, PAGE)
    for (const { id } of rows) {
      const check = view.paperCheck(id)
      if (check !== undefined) tasks.push(paperCheckTask(check.shown))
    }
    after = rows.at(-1)?.seq ?? after
    if (rows.length < PAGE) break
  }
  return tasks
}

function paperCheckTask({
  id,
  code,
  operation_id: operation,
  device_id: device,
  ...check
}: PaperCheck): PaperCheckTask {
  const common = { id: `paper-${id}`, due: romeDay(check.created_at), device_id: device }
  const { document_number: number, annulled = [], message } = check
  if (code === 'print_uncertain') {
    return {
      ...common,
      code: 'print_uncertain',
      ...DUTY_KINDS.paperCheck,
      title: `Is document ${number} of printer ${device} that of operation ${operation}?`,
      instructions: [
        instruction(
          'The answer of the printer was lost. One more document was printed since, which was taken for this one.',
        ),
        instruction(
          'Check time and lines on its paper. If it was keyed in at the printer, this operation has no document.',
        ),
        instruction('Then make its document at the keys of the printer, and note both numbers for the accountant.'),
      ],
    }
  }
  if (code === 'annulment_due') {
    return {
      ...common,
      code: 'annulment_due',
      ...DUTY_KINDS.paperCheck,
      title: `Printer ${device}, return ${operation}: ${message}`,
      instructions: [
        instruction(
          'Annul that sale at the keys of the printer on the same day; later it is a matter for the accountant.',
        ),
        instruction('The return itself is not printed yet: the till completes it again.'),
      ],
    }
  }
  if (code === 'printer_replaced') {
    return {
      ...common,
      code: 'printer_replaced',
      ...DUTY_KINDS.paperCheck,
      title: `Did the printer that was ${device} before print operation ${operation}?`,
      instructions: [
        message === undefined ? instruction('Look at its paper.') : verbatim(message),
        instruction(
          'Look for REF {}. If it exists and the operation was completed on the new printer, it is printed twice.',
          referenceOf({ id: operation }),
        ),
        instruction(
          'Then annul the first one at the keys of its printer on the same day; later it is a matter for the accountant.',
        ),
      ],
    }
  }
  return {
    ...common,
    code: 'misprint_annulled',
    ...DUTY_KINDS.paperCheck,
    title: `Printer ${device} made a sale of the return ${operation}: ${annulled.join(', ')} was annulled`,
    instructions: [
      instruction('Power was lost while the return was opened. It was printed as a sale, which was annulled at once.'),
      number === undefined
        ? instruction('The return is not printed yet.')
        : instruction('The return was printed as {}.', number),
      instruction('Keep the papers together for the accountant; nothing else is to be done.'),
    ],
  }
}
