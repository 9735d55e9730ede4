import { DeviceError } from '../errors.ts'

const CLIENT_ID_PATTERN = /^[A-Za-z0-9'()+,\-./:=? ]{1,30}$/
const PROCESS_TYPE_PATTERN = /^[A-Za-z0-9 '()+,\-./:=?]{0,100}$/

/** Throws `refused` for an invalid clientId. */
export function demandClientId(clientId: string): void {
  if (!CLIENT_ID_PATTERN.test(clientId))
    throw new DeviceError('refused', 'none', 'a clientId is 1 to 30 characters of PrintableString')
}

/** Throws for data that does not fit a transaction log of that element. */
export function demandData(processType: string, data: Uint8Array, bytesMax: number): void {
  if (data.length > bytesMax)
    throw new DeviceError('data_too_long', 'none', `processData is longer than ${bytesMax} bytes`)
  if (!PROCESS_TYPE_PATTERN.test(processType))
    throw new DeviceError('refused', 'none', 'processType is up to 100 characters of PrintableString')
}

export function unexported(reason: string): DeviceError {
  return new DeviceError('unexported_data', 'none', `something would be lost: ${reason}`, 'ErrorUnexportedStoredData')
}
