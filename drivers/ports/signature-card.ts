/**
 * Signaturerstellungseinheit of § 2 Z 20 RKSV: a card, token or HSM with one P-256 key and its certificate. Knows nothing
 * of receipts, numbers or counters.
 *
 * There is no question that settles a lost signature, and none is needed: the unit keeps no state, two signatures of one
 * message are equally good, and one that nobody received binds nobody. What must never be doubled is the receipt
 * (Belegnummer and counter), and that is the journal's: the same message is signed again, or the receipt goes out with
 * the marker and a late signature is thrown away.
 *
 * Every method may throw DeviceError. Calls may overlap: the driver's queue runs them one at a time.
 */
export type SignatureCard = {
  readonly kind: 'signature-card'
  /** The driver makes the unit itself, in software: no authority has certified it, whatever its certificate says. */
  readonly uncertified?: true
  /**
   * Connects, logs in and finds key and certificate. Called again after an `unavailable`; harmless when already open.
   * Throws `unavailable`, `not_initialised`, `pin_wrong`, `pin_locked`, `foreign`, `refused`.
   */
  open(): Promise<void>
  /** For good: ends what runs, and refuses what comes later (`aborted` none). */
  close(): Promise<void>
  /** Makes key and self-made certificate where there are none, else checks that both are usable. Repeating is harmless. */
  initialise(): Promise<void>
  /** Read from the unit on every call: the agent compares the serial with the enrolled one. */
  identity(): Promise<SignatureCardIdentity>
  health(): Promise<SignatureCardHealth>
  /**
   * R‖S of ECDSA on P-256 over SHA-256 of `message`: 64 bytes, never DER, verified with the certificate's key before it
   * is given out (`garbled` else). The driver hashes: a module given more or fewer than 32 bytes signs them all the same.
   * The unit that the wish names is asked for at the moment of signing: another one by then signs nothing (`not_named` none).
   */
  sign(message: Uint8Array, wish?: SignatureWish): Promise<Uint8Array>
}

export type SignatureWish = {
  /** Of the unit that stands in the message, as {@link SignatureCardIdentity} tells it. */
  serial?: string
  /** Whose turn it is: registers that share a unit are served in turn. */
  client?: string
  /** Later nobody wants the signature; one that cannot be made by then for those before it is not begun (`busy` none). */
  withinMs?: number
}

export type SignatureCardIdentity = {
  /** Serial number of the certificate: hexadecimal, lower case, no leading zeros (field 11 of the machine-readable code). */
  serial: string
  /** Vertrauensdiensteanbieter of the configuration, e.g. `AT1`; never told by the unit. */
  vda: string
  /** DER, the signing certificate first, then its issuers as far as they are known, up to the root. */
  certificates: readonly Uint8Array[]
}

export type SignatureCardHealth = {
  /** A warning only: an expired certificate that was registered in time may go on signing (§ 15 Abs. 3 RKSV). */
  certificateExpiresAtMs: number
  initialised: boolean
  /** Free words of the unit: model, firmware, "NOT CERTIFIED". */
  description: string
}
