import { DeviceError } from './errors.ts'

/** Nothing is deleted while transactions are open: their start logs would be lost, and they could not be reconciled. */
export function demandNoneOpen(open: number): void {
  if (open > 0) throw new DeviceError('busy', 'none', `${open} transactions are open: nothing is deleted now`)
}
