/** A digest that nobody can make without the agent's key: of a short PIN any other one would tell the PIN. */
export type Fingerprint = (text: string) => string

/** PINs, PUKs and the like of one device: out of the files that the shop names, else made once and kept sealed. */
export type DeviceSecrets = {
  /** Read anew at each use and kept nowhere. Throws DeviceError `not_authorised` none where nobody named or made it. */
  read(name: string): Promise<string>
  /** For a unit that has none yet: what its file holds, else digits that are made and sealed before they are used. */
  provide(name: string, digits: number): Promise<string>
  /**
   * The unit refused what was read: a newer file is looked for. Returns where it was read, and of when that is, for a person;
   * undefined for what no file holds.
   */
  refused?(name: string): string | undefined
  /** By which a refused PIN is known again after a restart; without one it is forgotten with the process. */
  fingerprint?: Fingerprint | undefined
}

/** Name of the only secret of a PKCS#11 token. */
export const TOKEN_PIN = 'pin'
