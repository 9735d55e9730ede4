import type { RtOriginal } from '../../../drivers/ports/rt-printer.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import type { Conclusion, Failed, LawChange, Moment } from '../law.ts'
import { decommissioned, fiscalized, notFiscalized } from '../registration.ts'
import { closureDocument, closureMembers, closureState, ofPrinter, summedAt, unaskedClosures } from './closure.ts'
import { documentOf } from './document-json.ts'
import { fiscalInformation, printedDocument } from './fiscal-information.ts'
import { foundEvents } from './found-documents.ts'
import { halfDone } from './half-done.ts'
import { hintsOf } from './hints.ts'
import { failureDocuments, paperCheckDocuments } from './paper-check.ts'
import type { CloseAct, Closed, Identified, IdentifyAct, PrintAct, Printed, Read } from './printer-act.ts'
import { refusalOfPrinter } from './refusal.ts'
import { isSlip } from './slips.ts'
import type { PrinterCount, PrintState } from './state.ts'
import { printOf, resting, stateMembers, stateOf } from './state.ts'

/**
 * The baseline was read. Closures that were not requested here are recorded with it. The document to void (`original`)
 * must be in the running period of this printer.
 */
export function readDone(
  document: RecordedDocument,
  { baseline, totals, found = [], closed = [] }: Read,
  original: RtOriginal | undefined,
  moment: Moment,
): Conclusion {
  const { serial, z } = baseline
  const chain: PrinterCount = { serial, z }
  const documents = unaskedClosures(countBefore(moment), chain, moment, closed)
  const events = foundEvents(serial, found)
  const isClosed = original !== undefined && (original.serial !== serial || original.z <= z)
  if (document.kind === 'void' && isClosed) {
    const id = document.shown.related_operation_id
    const message = `The daily closing of operation ${id} is made, or its printer was exchanged: record a return.`
    const print = printOf(document)
    const hasPrinted = print.printed.length > 0
    const effect = hasPrinted ? { fiscalEffect: 'recorded' as const } : {}
    const verdict = { code: 'void_after_closing' as const, message, details: { related_operation_id: id }, ...effect }
    return { law: stateMembers({ print: resting(print) }), chain, documents, events, verdict }
  }
  const law = stateMembers({ print: { ...printOf(document), baseline }, facts: { totals } })
  return { law, chain, documents, events }
}

/** One document is printed: the next one of an exchange follows, or the operation is complete. */
export function printDone(
  document: RecordedDocument,
  act: PrintAct,
  result: Printed,
  { steps, paidOut, moment }: { steps: number; paidOut: PrintState['paidOut']; moment: Moment },
): Conclusion {
  const before = printOf(document)
  const printed = [...before.printed, printedDocument(result, documentOf(act.document), moment.at)]
  const { annulled, pending_files: pendingFiles, certain, by_hand: isByHand, found = [] } = result
  const events = foundEvents(result.serial, found, document.id)
  const documents = paperCheckDocuments(document, act, result, moment)
  if (printed.length < steps) {
    const print = { ...before, baseline: undefined, printed, paidOut }
    return { law: stateMembers({ print, facts: { annulled } }), documents, events, fixesGoods: true }
  }
  const hints = hintsOf(document, documentOf(act.document), moment.at)
  return {
    set: {
      fiscal: { state: 'succeeded' },
      fiscal_information: fiscalInformation(printed),
      ...(hints.length > 0 && { hints }),
    },
    law: stateMembers({ print: 'none', facts: { pendingFiles, isUncertain: !certain, isByHand, annulled } }),
    documents,
    events,
  }
}

/** A Z was made: requested, due before a sale, or as the register's last. */
export function closeDone(document: RecordedDocument, act: CloseAct, result: Closed, moment: Moment): Conclusion {
  const { serial } = act.baseline
  const chain: PrinterCount = { serial, z: result.z }
  const print = printOf(document)
  const { totals } = stateOf(document).facts
  const running = act.baseline.z + 1
  const summed = summedAt(result.z, totals, running)
  // The printer may have closed its day automatically between the baseline and this closure.
  const before = Array.from({ length: result.z - running }, (_, index) => running + index)
  const closed = before.map((z) => ({ z, ...ofPrinter(summedAt(z, totals, running)) }))
  const others = unaskedClosures(countBefore(moment), { serial, z: result.z - 1 }, moment, closed)
  if (moment.goal === 'decommissioned') {
    const documents = [...others, closureDocument(result, serial, { cause: 'final', summed }, moment)]
    return { ...ended(moment), chain, documents }
  }
  if (print.closure === 'due') {
    const law = stateMembers({ print: { ...print, baseline: undefined, closure: 'made' } })
    return { law, chain, documents: [...others, closureDocument(result, serial, { cause: 'due', summed }, moment)] }
  }
  const set = closureMembers(result, serial, summed, moment.at)
  const law = { ...stateMembers({ print: 'none' }), ...closureState(result, 'asked') }
  return { set, law, chain, documents: others }
}

/** The matricola of the register's printer was read. */
export function identifyDone(
  { shown: register }: DocumentOf<'register'>,
  act: IdentifyAct,
  { serial, z, in_service: isInService }: Identified,
  moment: Moment,
): Conclusion {
  if (!isInService)
    return {
      set: notFiscalized(register, { code: 'out_of_service', message: 'The printer is not in service.' }, moment.at),
      verdict: 'stop',
    }
  return {
    set: fiscalized(register, serial, moment.at),
    enrolled: { device: act.device, serial },
    chain: { serial, z } satisfies PrinterCount,
  }
}

/** The printer certainly did nothing. */
export function notDone(document: RecordedDocument, failed: Failed, moment: Moment): Conclusion {
  if (document.kind === 'register' && moment.goal === 'fiscalized')
    return { set: notFiscalized(document.shown, failed, moment.at), verdict: 'stop' }
  // The register's last closure exists already: nothing was printed since.
  if (failed.code === 'nothing_to_close' && moment.goal === 'decommissioned') return ended(moment)
  const print = printOf(document)
  const documents = failureDocuments(document, failed, moment)
  if (failed.code === 'closure_due' && print.closure === undefined)
    return { law: stateMembers({ print: { ...print, baseline: undefined, closure: 'due' } }), documents }
  if (isSlip(document)) {
    const error = { code: failed.code, message: failed.message, occurred_at: moment.at }
    return { set: { fiscal: { state: 'failed', error } }, law: stateMembers({ print: 'none' }), verdict: 'stop' }
  }
  // A printer that requires a closure before a sale and makes none: the code must not describe a closing.
  const isOdd = failed.code === 'nothing_to_close' && document.kind !== 'closing'
  const reported = isOdd ? { ...failed, code: 'closure_due' } : failed
  return {
    law: stateMembers({ print: resting(print) }),
    verdict: refusalOfPrinter(reported, moment, halfDone(document, print)),
    documents,
  }
}

/** The register's last closure is made. */
export function ended({ at }: Moment): LawChange {
  return { set: decommissioned(at), law: stateMembers({ print: 'none' }) }
}

function countBefore({ chain }: Moment): PrinterCount | undefined {
  return chain as PrinterCount | undefined
}
