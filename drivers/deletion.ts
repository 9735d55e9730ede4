import { DeviceError } from './errors.ts'

/** Nothing is deleted while transactions are open: their beginning would go, and they could not be asked about. */
export function demandNoneOpen(open: number): void {
  if (open > 0) throw new DeviceError('busy', 'none', `${open} transactions are open: nothing is deleted now`)
}
