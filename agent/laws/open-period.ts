/** Documents of a device since its last closing: no other device can close their period. */
export type OpenPeriod = {
  /** Serial number of the device, and the number of its next closing. */
  serial: string
  z: number
  documents: number
  /** Gross sum, in the format of the API. */
  amount: string
}
