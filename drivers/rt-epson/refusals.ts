import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { EpsonReply } from './xml.ts'

type Meanings = Readonly<Record<string, readonly [DeviceErrorCode, string]>>

/** The service answers but does not know the outcome of the request. */
const unknownCodes = [
  'FP_NO_ANSWER',
  'FP_NO_ANSWER_NETWORK',
  'LAN_TIME_OUT',
  'LAN_ERROR',
  'TM_NO_ANSWER/OFF_LINE',
  'NO_RAM',
]
/** The printer's mechanics stopped, possibly in the middle of a document. */
const MECHANICS = 'EPTR_'
const mechanicalMeanings: Meanings = {
  EPTR_REC_EMPTY: ['paper_out', 'no paper, or the cover is open'],
  EPTR_COVER_OPEN: ['cover_open', 'the cover is open'],
  EPTR_CUTTER: ['unavailable', 'something blocks the cutter'],
}
const LOW_PAPER = '2'
const statusMeanings: Meanings = {
  [LOW_PAPER]: ['paper_out', 'the paper is nearly used up'],
  '3': ['paper_out', 'no paper, or the cover is open'],
  '9': ['clock_wrong', 'the clock is wrong'],
  '11': ['refused', 'wrong sequence'],
  '12': ['document_unknown', 'the document was not found'],
  '14': ['out_of_service', 'it has no matricola yet'],
  '17': ['unavailable', 'not possible now'],
  '22': ['department_unknown', 'it is not programmed'],
  '39': ['document_reversed', 'already voided'],
  '40': ['document_reversed', 'already returned'],
  '41': ['document_unknown', 'the document to be voided is not a sale'],
  '42': ['document_unknown', 'the document to be returned is not a sale'],
}

function meaningIn(meanings: Meanings, name: string): readonly [DeviceErrorCode, string] | undefined {
  return Object.hasOwn(meanings, name) ? meanings[name] : undefined
}

export function isUnclear({ code }: EpsonReply): boolean {
  return unknownCodes.includes(code) || code.startsWith(MECHANICS)
}

/** A closing that was made may report low paper, and other codes are undocumented: the counter decides. */
export function refusesClosing({ code, status }: EpsonReply): boolean {
  return /^PRINTER[ _]ERROR$/.test(code) && status !== LOW_PAPER
}

/** An explicit refusal; a service that does not reach its printer refuses nothing. */
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
  return failed(...(meaningIn(statusMeanings, status) ?? causeIn(statesOf(reply))))
}

/** Five digits: printer, journal, drawer, document, mode. */
export function statesOf({ info }: EpsonReply): string {
  return info.get('printerStatus') ?? info.get('fpStatus') ?? ''
}

/** The cause of a refusal by the states, if its number is in no public list. */
function causeIn(states: string): readonly [DeviceErrorCode, string] {
  if (states.startsWith('3')) return ['paper_out', 'no paper, or the cover is open']
  return states.charAt(1) === '5' ? ['memory_full', 'the detail memory (DGFE) is full'] : ['refused', 'refused']
}
