import type { Register } from '../../contract/register.ts'
import { hidesItsKind, isUncertifiedDevice } from '../../devices/certification.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { isUncertifiedNumber, madeNumber, refusalOfNumber } from '../../devices/uncertified.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'

/**
 * The serial number of the recording system: requested, kept from an earlier try, or made from the register's id. The
 * made one shows if its unit is not certified: the certificate in a German code cannot.
 */
export function serialNumberOf(
  view: View,
  register: Register,
  wanted: string | undefined,
  device: DeviceSupervisor | undefined,
): string {
  const { id } = register
  const isUncertified = device && isUncertifiedDevice(view, device)
  const number = register.fiscalization?.client_id ?? wanted ?? madeNumber(id, isUncertified === true)
  const conflict = (message: string) =>
    new FiskalError('fiscalization_conflict', message, { register_id: id, reason: 'pos_client_serial_number' })
  if (wanted !== undefined && wanted !== number)
    throw conflict(`Register ${id} already has serial number ${number}; it cannot change.`)
  const refusal = refusalOfNumber(number, isUncertified)
  if (refusal !== undefined) throw conflict(refusal.message)
  if (device !== undefined && !isUncertifiedNumber(number) && hidesItsKind(view, device))
    throw conflict(
      `The unit of device ${device.id} is not certified, and its certificate does not show that: the serial number must begin with NC-. Send such a number, or none.`,
    )
  const taken = allRegisters(view).find((other) => other.id !== id && other.fiscalization?.client_id === number)
  if (taken !== undefined) throw conflict(`Serial number ${number} belongs to register ${taken.id}.`)
  return number
}
