import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { CustomFlags } from './replies.ts'

const meanings: Readonly<Record<string, readonly [DeviceErrorCode, string]>> = {
  ERR03: ['refused', 'value'],
  ERR05: ['refused', 'operation not possible'],
  ERR30: ['memory_full', 'the detail memory (DGFE) is full'],
  ERR31: ['memory_full', 'the detail memory (DGFE) is nearly full'],
  ERR37: ['cover_open', 'the cover is open'],
  ERR44: ['out_of_service', 'an upgrade waits'],
  ERR46: ['refused', 'change is not allowed'],
  ERR54: ['closure_due', 'a closure is needed'],
  ERR55: ['out_of_service', 'training mode'],
  ERR57: ['clock_wrong', 'the clock is not set'],
  ERR61: ['closure_due', 'the period is open for more than 24 hours'],
  ERR64: ['cover_open', 'the cover is open'],
  ERR70: ['closure_due', 'the period is open for more than 24 hours'],
  ERR71: ['nothing_to_close', 'no second closure without a sale'],
  ERR75: ['busy', 'a return or void is being consolidated'],
  ERR82: ['out_of_service', 'not active'],
  ERR83: ['out_of_service', 'not registered'],
  ERR91: ['document_unknown', 'the referenced document is not in the memory'],
  ERR92: ['document_reversed', 'already voided or returned'],
  ERR84: ['certificate_expired', 'the certificate has expired'],
}

/** An explicit refusal: the command was not executed. */
export function customRefusal(error: string, command: string): DeviceError {
  const [code, text] = meanings[error] ?? ['refused', 'refused']
  return new DeviceError(code, 'none', `${command}: ${text} (${error})`, error)
}

/**
 * The cause of a refusal without a known reason, by the flags: no public manual lists the errors for cover, paper and
 * memory.
 */
export function causeOf(refusal: DeviceError, flags: CustomFlags): DeviceError {
  const { deviceCode } = refusal
  const caused = (code: DeviceErrorCode, text: string): DeviceError =>
    new DeviceError(code, 'none', `${text} (${deviceCode})`, deviceCode)
  if (flags.coverOpen) return caused('cover_open', 'the cover is open')
  if (flags.paperOut) return caused('paper_out', 'no paper')
  return flags.memoryFull ? caused('memory_full', 'the detail memory (DGFE) is full') : refusal
}
