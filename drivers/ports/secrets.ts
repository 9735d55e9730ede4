/** A digest keyed by the agent: an unkeyed digest of a short PIN would reveal the PIN. */
export type Fingerprint = (text: string) => string

/** PINs and PUKs of one device: from the files named in the configuration, else generated once and stored encrypted. */
export type DeviceSecrets = {
  /**
   * Read again at each use and never kept. Throws DeviceError `not_authorised` none if it is neither configured nor
   * generated.
   */
  read(name: string): Promise<string>
  /** For a new unit: the content of its file, else digits that are generated and stored before they are used. */
  provide(name: string, digits: number): Promise<string>
  /**
   * The unit refused the secret: look for a newer file. Returns the file and its date for the message; undefined for a
   * secret without a file.
   */
  refused?(name: string): string | undefined
  /** Recognises a refused PIN after a restart; without it the refusal is forgotten with the process. */
  fingerprint?: Fingerprint | undefined
}

/** Name of the only secret of a PKCS#11 token. */
export const TOKEN_PIN = 'pin'
