import { DeviceError } from './errors.ts'

/** A message that names one unit must not be signed by another. */
export function demandNamed(serial: string, named: string | undefined): void {
  if (named === undefined || named === serial) return
  throw new DeviceError('not_named', 'none', `the card is ${serial} by now, not ${named} that is named`)
}
