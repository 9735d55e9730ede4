import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { CustomFlags } from './replies.ts'

type Meaning = { code: DeviceErrorCode; text: string }

/** The maker's list of errors. A number that is missing here says nothing about what was done. */
const GROUPS: readonly (readonly [numbers: readonly number[], code: DeviceErrorCode, text: string])[] = [
  [[3, 22, 24, 92, 130, 131], 'refused', 'wrong value, length or parameter'],
  [[5, 117, 134, 222], 'refused', 'not possible now'],
  [[7], 'refused', 'the word TOTALE is not allowed in a text'],
  [[46], 'refused', 'change is not allowed'],
  [[10], 'refused', 'amount not allowed, or the total of the day is full: make the daily closing'],
  [[9, 11, 23, 25, 28, 29, 102, 108, 118, 121, 122], 'refused', 'amount, rate, payment or department not allowed'],
  [[124, 136, 137, 139, 141, 142, 148, 215], 'refused', 'amount, rate, payment or department not allowed'],
  [[12, 13, 14, 57], 'clock_wrong', 'the clock is wrong or not set'],
  [[16], 'paper_out', 'no paper'],
  [[64], 'cover_open', 'the cover is open'],
  [[65, 66, 67, 68], 'out_of_service', 'the print head or the cutter is broken'],
  [[21, 62, 75, 76, 97, 98, 213, 217, 218, 221], 'busy', 'the printer is busy'],
  [[54, 61, 70, 85, 192, 214], 'closure_due', 'a closure is due'],
  [[101], 'closure_due', 'the memory of the open transactions is full: a closure is due'],
  [[71], 'nothing_to_close', 'no second closure without a sale'],
  [[30, 91], 'memory_full', 'the detail memory (DGFE) is full'],
  [[31], 'memory_full', 'the detail memory (DGFE) is nearly full'],
  [[32, 33, 34, 35, 36, 38, 41, 43, 50, 51, 52], 'out_of_service', 'the memory is missing, foreign or broken'],
  [[18, 44, 47, 60, 72, 73, 77, 78], 'out_of_service', 'header, upgrade, serial, check or licence is missing'],
  [[55], 'out_of_service', 'training mode'],
  [[81, 82, 83], 'out_of_service', 'not activated or registered'],
  [[216], 'out_of_service', 'the printer was tampered with'],
  [[84], 'certificate_expired', 'the certificate has expired'],
]

const MEANINGS: ReadonlyMap<number, Meaning> = new Map(
  GROUPS.flatMap(([numbers, code, text]) => numbers.map((number) => [number, { code, text }])),
)

/** Codes that the earlier generations answer for a broken memory, the later ones for the cover. */
const COVER_OR_MEMORY = 37

/** An explicit refusal. If a document had begun, the printer is asked what it did before. */
export function customRefusal(error: string, command: string): DeviceError {
  const { code, text } = MEANINGS.get(numberOf(error)) ?? { code: 'refused', text: 'refused' }
  return new DeviceError(code, 'none', `${command}: ${text} (${error})`, error)
}

/** The cause of a refusal whose number has two meanings, or none, by the flags. */
export function causeOf(refusal: DeviceError, flags: CustomFlags): DeviceError {
  const { deviceCode } = refusal
  const caused = (code: DeviceErrorCode, text: string): DeviceError =>
    new DeviceError(code, 'none', `${text} (${deviceCode})`, deviceCode)
  if (flags.coverOpen) return caused('cover_open', 'the cover is open')
  if (flags.paperOut) return caused('paper_out', 'no paper')
  if (flags.memoryFull) return caused('memory_full', 'the detail memory (DGFE) is full')
  return isNumber(deviceCode, COVER_OR_MEMORY) ? caused('out_of_service', 'the memory is broken') : refusal
}

/** True if the number of the refusal is not in the list, or has two meanings. */
export function isUnexplained({ deviceCode }: DeviceError): boolean {
  return deviceCode !== undefined && !MEANINGS.has(numberOf(deviceCode))
}

/**
 * Nothing was done, and the same command is accepted a little later. While a PDF is made, the commands that end a
 * document may have been carried out.
 */
export function isBusy(error: string, command: string): boolean {
  if (MEANINGS.get(numberOf(error))?.code !== 'busy') return false
  return !(isNumber(error, 76) && isEnding(command))
}

/** Sends its file after a Z. */
export function isSending(error: string): boolean {
  return isNumber(error, 213)
}

/** The commands that print a document or a closure as a whole. */
export function isEnding(command: string): boolean {
  return /^(2002|3011|7106|7101A.{14}1)/.test(command)
}

/** A document in progress is printed once paper, cover or head are in order again: its outcome must be asked. */
export function isInterruption({ code, deviceCode }: DeviceError): boolean {
  const isOfHead = deviceCode !== undefined && [65, 66, 67, 68].includes(numberOf(deviceCode))
  return code === 'paper_out' || code === 'cover_open' || isOfHead
}

/** A value, a length or a parameter: another form of the same command may be the one of this model. */
export function isOfForm({ deviceCode }: DeviceError): boolean {
  return deviceCode !== undefined && [3, 24, 92].includes(numberOf(deviceCode))
}

/** Its open document is lost. */
export function hasVanished({ deviceCode }: DeviceError): boolean {
  return isNumber(deviceCode, 5)
}

function isNumber(error: string | undefined, number: number): boolean {
  return error !== undefined && numberOf(error) === number
}

/** `ERR` and two or three digits. */
function numberOf(error: string): number {
  return Number(error.slice(3))
}
