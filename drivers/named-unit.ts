import { DeviceError } from './errors.ts'

/** What names one unit is signed by no other. */
export function demandNamed(serial: string, named: string | undefined): void {
  if (named === undefined || named === serial) return
  throw new DeviceError('not_named', 'none', `the card is ${serial} by now, not ${named} that is named`)
}
