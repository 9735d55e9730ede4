import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { EpsonReply } from './xml.ts'

type Meaning = readonly [DeviceErrorCode, string]
type Meanings = Readonly<Record<string, Meaning>>

const REFUSED: Meaning = ['refused', 'refused']
/** The open document has them, about 1,000; a closing changes nothing (maker's list). */
const TOO_MANY: Meaning = ['data_too_long', 'the document has too many operations: divide it']
const SLIP_PRINTER: Meaning = ['unavailable', 'its slip printer is not ready: look at its form and its cable']

/** The service does not reach its printer, which may hold part of the request: tried again once its state is known. */
const UNREACHED = /^(?:(?:FP|TM|TP)_NO_ANSWER|LAN_(?:TIME_OUT|ERROR)$|NO_RAM$)/
/** The printer's mechanics stopped, possibly in the middle of a document. */
const MECHANICS = 'EPTR_'
const mechanicalMeanings: Meanings = {
  EPTR_REC_EMPTY: ['paper_out', 'no paper, or the cover is open'],
  EPTR_COVER_OPEN: ['cover_open', 'the cover is open'],
  EPTR_CUTTER: ['unavailable', 'something blocks the cutter'],
}
/** Codes of the service itself. The elements before the cause of such an answer may be executed. */
const serviceMeanings: Meanings = {
  'INCOMPLETE FILE': ['refused', 'an element is missing in the file'],
  'Non valid XML command': ['refused', 'it does not know an element of the file'],
  PARSER_ERROR: ['refused', 'it cannot read the file'],
  NO_DATA: ['refused', 'it received no data'],
  CONFIGURATION_FILE_ERROR: ['out_of_service', 'its own configuration is wrong: call its technician'],
  EFT_POS_ERROR: ['refused', 'its card terminal failed'],
}
const LOW_PAPER = '2'
/** A check digit, of a lottery code or tax code. */
export const WRONG_CHECK_DIGIT = '30'
/** It has no such command. */
export const UNSUPPORTED = '16'
const statusMeanings: Meanings = {
  [LOW_PAPER]: ['paper_out', 'the paper is nearly used up'],
  '3': ['paper_out', 'no paper, or the cover is open'],
  '9': ['clock_wrong', 'the clock is wrong'],
  '10': ['refused', 'a value is invalid'],
  '11': ['refused', 'wrong sequence, or its SET 14/13 wants a subtotal: set it to 0'],
  '12': ['document_unknown', 'the document was not found'],
  '13': ['refused', 'a value is beyond its limit'],
  '14': ['out_of_service', 'it has no matricola yet'],
  '15': ['refused', 'it was made already'],
  [UNSUPPORTED]: ['refused', 'it has no such command'],
  '17': ['unavailable', 'not possible now'],
  '18': ['unavailable', 'not possible now'],
  '20': ['refused', 'a value is beyond its limit'],
  '21': ['refused', 'the command is invalid'],
  '22': ['department_unknown', 'it is not programmed'],
  '23': TOO_MANY,
  '24': TOO_MANY,
  '25': ['refused', 'no operator is selected: switch its operators off'],
  '26': ['refused', 'more than the drawer holds'],
  '27': ['refused', 'a value is beyond its limit'],
  '28': ['unavailable', 'it does not reach a host on its network'],
  '29': SLIP_PRINTER,
  [WRONG_CHECK_DIGIT]: ['refused', 'a check digit is wrong'],
  '34': ['refused', 'it is not activated: a technician does that'],
  '35': SLIP_PRINTER,
  '37': SLIP_PRINTER,
  '38': ['refused', 'its card terminal failed'],
  '39': ['document_reversed', 'already voided'],
  '40': ['document_reversed', 'already returned'],
  '41': ['document_unknown', 'the document to be voided is not a sale'],
  '42': ['document_unknown', 'the document to be returned is not a sale'],
}

function meaningIn(meanings: Meanings, name: string): Meaning | undefined {
  return Object.hasOwn(meanings, name) ? meanings[name] : undefined
}

/** The request may have been executed in part or not at all, and may be sent again once that is known. */
export function isUnclear({ code }: EpsonReply): boolean {
  return UNREACHED.test(code) || code.startsWith(MECHANICS)
}

const PRINTER_ERROR = /^PRINTER[ _]ERROR$/

/** A closing that was made may report low paper, and other codes are undocumented: the counter decides. */
export function refusesClosing({ code, status }: EpsonReply): boolean {
  return PRINTER_ERROR.test(code) && status !== LOW_PAPER
}

/**
 * The meaning of a failure. It is the outcome of a document only if the printer is idle and its counters did not move:
 * elements are executed one by one, and a document that was begun stays open.
 */
export function epsonRefusal(reply: EpsonReply, what: string): DeviceError {
  const { code, status } = reply
  const own = `${code} ${status}`.trim()
  const failed = (meaning: DeviceErrorCode, text: string): DeviceError =>
    new DeviceError(meaning, 'none', `${what}: ${text} (${own})`, own)
  if (code.startsWith(MECHANICS))
    return failed(
      ...(meaningIn(mechanicalMeanings, code) ?? ['unavailable', 'the printer stopped: look at its lamps and paper']),
    )
  if (isUnclear(reply)) return failed('unavailable', 'the service does not reach the printer')
  const meaning = meaningIn(serviceMeanings, code) ?? meaningIn(statusMeanings, status) ?? REFUSED
  return failed(...(meaning[0] === 'refused' ? (causeIn(statesOf(reply)) ?? meaning) : meaning))
}

/** Five digits: printer, journal, drawer, document, mode. */
function statesOf({ info }: EpsonReply): string {
  return info.get('printerStatus') ?? info.get('fpStatus') ?? ''
}

/** The cause of a refusal by the states, if its number does not name one. */
function causeIn(states: string): Meaning | undefined {
  if (states.startsWith('3')) return ['paper_out', 'no paper, or the cover is open']
  return states.charAt(1) === '5' ? ['memory_full', 'the detail memory (DGFE) is full'] : undefined
}
