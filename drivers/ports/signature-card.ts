/**
 * Signaturerstellungseinheit of § 2 Z 20 RKSV: a card, token or HSM with one P-256 key and its certificate. It has no
 * receipts, numbers or counters. A lost signature needs no reconciling: the unit keeps no state, two signatures of one
 * message are equally good, and an unreceived one binds no one. Only the receipt (Belegnummer and counter) must be
 * unique, and the journal ensures that: the same message is signed again, or the receipt goes out with the marker and a
 * late signature is dropped. Every method may throw DeviceError. Calls may overlap: the driver's queue runs them one at
 * a time.
 */
export type SignatureCard = {
  readonly kind: 'signature_card'
  /** The driver implements the unit in software: no authority certified it, whatever its certificate says. */
  readonly uncertified?: true
  /**
   * Connects, logs in and finds key and certificate. May be called again after an `unavailable`; harmless when already
   * open. Throws `unavailable`, `not_initialised`, `pin_wrong`, `pin_locked`, `foreign`, `refused`.
   */
  open(): Promise<void>
  /** Permanent: ends the running command and refuses later ones (`aborted` none). */
  close(): Promise<void>
  /** Creates key and self-signed certificate if missing, else checks that both are usable. Repeating is harmless. */
  initialise(): Promise<void>
  /**
   * The unit and its certificates as anyone can read them, without a login, and without `open`. Omitted by a unit in
   * software.
   */
  inspect?(): Promise<{ description: string; certificates: readonly Uint8Array[] }>
  /** Read from the unit on every call: the agent compares the serial with the enrolled one. */
  identity(): Promise<SignatureCardIdentity>
  health(): Promise<SignatureCardHealth>
  /**
   * R‖S of ECDSA on P-256 over SHA-256 of `message`: 64 bytes, never DER, verified with the certificate's key before it
   * is returned (`garbled` else). The driver hashes, because a module also signs more or fewer than 32 bytes. The unit
   * named in `wish` is checked at the moment of signing: a different one signs nothing (`not_named` none).
   */
  sign(message: Uint8Array, wish?: SignatureWish): Promise<Uint8Array>
}

export type SignatureWish = {
  /** Serial of the unit named in the message, as in {@link SignatureCardIdentity}. */
  serial?: string
  /** The caller for fairness: registers that share a unit are served in turn. */
  client?: string
  /** The caller's deadline; a signature that cannot be made in time, given the queue, is not begun (`busy` none). */
  withinMs?: number
}

export type SignatureCardIdentity = {
  /** Serial number of the certificate: hexadecimal, lower case, no leading zeros (field 11 of the machine-readable code). */
  serial: string
  /** Vertrauensdiensteanbieter from the configuration, e.g. `AT1`; the unit does not report it. */
  vda: string
  /** DER: the signing certificate first, then its known issuers up to the root. */
  certificates: readonly Uint8Array[]
  /** Only of a token: maker and model in CK_TOKEN_INFO. */
  token?: { manufacturer: string; model: string }
}

export type SignatureCardHealth = {
  /** A warning only: an expired certificate that was registered in time may still sign (§ 15 Abs. 3 RKSV). */
  certificateExpiresAtMs: number
  initialised: boolean
  /** Free words of the unit: model, firmware, "NOT CERTIFIED". */
  description: string
}
