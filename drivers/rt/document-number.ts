import { DeviceError } from '../errors.ts'
import type { RtDocument } from '../ports/rt-printer.ts'
import { isSlip } from './slip.ts'
import type { RtCounters } from './unit.ts'

/** For a closure, and for a document in its period: paper, enquiries and references have four digits. */
export const NUMBER_MAX = 9999

/** A number of four digits at least, as printers write closures and documents. */
export function four(value: number): string {
  return String(value).padStart(4, '0')
}

/** `ZZZZ-NNNN`: the closure number as printed, and the document's. */
export function documentNumberOf(z: number, number: number): string {
  return `${four(z)}-${four(number)}`
}

/** Throws `none` if the next document would get a number that cannot be written, read or referred to. */
export function checkNextNumber(document: RtDocument, { z, number }: RtCounters): void {
  if (isSlip(document)) return
  checkNextClosure(z)
  if (number >= NUMBER_MAX)
    throw new DeviceError('closure_due', 'none', `the period has ${NUMBER_MAX} documents: close it first`)
}

/** Throws `none` after the last closure that can be numbered. */
export function checkNextClosure(z: number): void {
  if (z >= NUMBER_MAX)
    throw new DeviceError('memory_full', 'none', `closure ${NUMBER_MAX} was the last: a technician changes the memory`)
}
