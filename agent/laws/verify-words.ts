import { UNCERTIFIED } from '../../drivers/tr03151/certificate.ts'
import type { Summary } from './verify-rules.ts'

const SHOWN = 16

/** The beginning of the serial number of a unit: all of it has 64 digits. */
export function shownSerial(serial: string): string {
  return `${serial.slice(0, SHOWN)}…`
}

/** The number of findings after the last one that is listed. */
export function further(more: number, language: keyof Summary): string[] {
  if (more <= 0) return []
  return [language === 'de' ? `und ${more} weitere` : `and ${more} more`]
}

/** The units that signed and are not certified. */
export function marked(serials: readonly string[]): string {
  if (serials.length === 0) return ''
  return `, ${UNCERTIFIED}: ${serials.map(shownSerial).join(', ')}`
}
