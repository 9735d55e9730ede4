const SHOWN = 16

/** The beginning of the serial number of a unit: all of it has 64 digits. */
export function shownSerial(serial: string): string {
  return `${serial.slice(0, SHOWN)}…`
}
