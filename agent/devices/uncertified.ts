import { isUncertified, UNCERTIFIED_CLIENT } from '../../drivers/tr03151/certificate.ts'
import type { View } from '../journal/projections/view.ts'
import type { Trouble } from './usable.ts'

type CertifiedUnit = { readonly uncertified?: true }
type CertifiedIdentity = { readonly certificates: readonly Uint8Array[] }

/**
 * True for a simulated unit and for a key in a token, by what its driver says or by its certificate: a certificate of
 * somebody's own, given by the configuration, makes none of them a certified one. Undefined of a unit without any yet.
 */
export function isUncertifiedUnit(
  { uncertified }: CertifiedUnit,
  { certificates: [certificate] }: CertifiedIdentity,
): boolean | undefined {
  return uncertified ?? (certificate && isUncertified(certificate))
}

/** The same for the TSE or signature unit of that serial number, as it was journalled when it was first connected. */
export function isUncertifiedSerial(view: Pick<View, 'tse' | 'unit'>, serial: string): boolean {
  const tse = view.tse(serial)?.shown
  const unit = tse === undefined ? view.unit(serial)?.shown : undefined
  const certificate = tse?.certificate ?? unit?.certificates?.[0]
  return isUncertifiedRecord({ uncertified: (tse ?? unit)?.uncertified, certificate })
}

/** The same by the members that were journalled; the certificate in base64. */
export function isUncertifiedRecord({
  uncertified,
  certificate,
}: {
  uncertified?: unknown
  certificate?: unknown
}): boolean {
  if (uncertified === true) return true
  return typeof certificate === 'string' && isUncertified(Buffer.from(certificate, 'base64'))
}

/**
 * Keeps the mark of a unit that was journalled as uncertified if its certificate does not show it: another certificate
 * changes nothing.
 */
export function uncertifiedMembers(
  view: Pick<View, 'tse' | 'unit'>,
  unit: CertifiedUnit,
  identity: CertifiedIdentity & { readonly serial: string },
): { uncertified?: true } {
  const isMarked = unit.uncertified === true || isUncertifiedSerial(view, identity.serial)
  return isMarked && isUncertifiedUnit({}, identity) !== true ? { uncertified: true } : {}
}

/** The serial number that a register of that id gets where its till has chosen none. */
export function madeNumber(id: string, isUncertified: boolean): string {
  return id.replace('reg_', isUncertified ? UNCERTIFIED_CLIENT : 'EDGE-').slice(0, 30)
}

/** Why a unit takes no register of that serial number: a certified one signs for none that says its unit is not. */
export function refusalOfNumber(serialNumber: string, isUncertified: boolean | undefined): Trouble | undefined {
  if (isUncertified !== false || !isUncertifiedNumber(serialNumber)) return undefined
  const message = `Serial number ${serialNumber} says that its unit is not certified, and this one is: make a new register.`
  return { code: 'uncertified_register', message }
}

/** True for a serial number that says of its register that its unit is not certified: no certified one takes it. */
export function isUncertifiedNumber(serialNumber: string): boolean {
  return serialNumber.startsWith(UNCERTIFIED_CLIENT)
}
