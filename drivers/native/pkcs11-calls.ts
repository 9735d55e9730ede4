/** Facts about a token (CK_TOKEN_INFO), blanks trimmed. */
export type TokenFacts = {
  label: string
  serial: string
  manufacturer: string
  model: string
  /** `major.minor`. */
  firmware: string
  /** The token requires a login and has no user PIN. */
  pinMissing: boolean
  /** A wrong PIN was given since the last right one. */
  pinCountLow: boolean
  /** One more wrong PIN locks the token. */
  pinFinalTry: boolean
  pinLocked: boolean
}

/** A private EC key that may sign. */
export type TokenKey = {
  /** Identifies the key in later calls, also after the token was opened again. */
  ref: string
  /** CKA_ID in lower-case hex. */
  id: string
  label: string
  /** CKA_EC_PARAMS: DER of the curve's OID. */
  curveParams: Uint8Array
  /** CKA_EC_POINT as the module returns it, mostly a DER OCTET STRING; undefined without a public key next to it. */
  point: Uint8Array | undefined
}

export type TokenCertificate = {
  label: string
  /** CKA_ID in lower-case hex; some modules leave it empty. */
  id: string
  der: Uint8Array
  subject: Uint8Array
  issuer: Uint8Array
  /** DER INTEGER. */
  serialNumber: Uint8Array
}

/**
 * The calls to the child that holds a PKCS#11 module. Refusals: `CKR_…` as the module names them, and MODULE_MISSING,
 * MODULE_BROKEN, BINDING_MISSING, TOKEN_NOT_FOUND, TOKEN_AMBIGUOUS, NOT_ATTACHED, KEY_NOT_FOUND.
 */
export type Pkcs11Calls = {
  /** Loads the module, finds the token by label or serial number (never by slot) and opens a session. No login. */
  attach: { args: { module: string; token: string; readOnly: boolean }; result: TokenFacts }
  login: { args: { pin: string }; result: undefined }
  facts: { args: undefined; result: TokenFacts }
  keys: { args: undefined; result: TokenKey[] }
  /** CKM_ECDSA over a digest; the signature as the module returns it. */
  sign: { args: { ref: string; digest: Uint8Array }; result: Uint8Array }
  generateKey: { args: { id: string; label: string; curveParams: Uint8Array }; result: undefined }
  certificates: { args: undefined; result: Uint8Array[] }
  storeCertificate: { args: TokenCertificate; result: undefined }
  readData: { args: { label: string }; result: Uint8Array[] }
  replaceData: { args: { label: string; value: Uint8Array }; result: undefined }
  /** Logs out if it logged in, closes, C_Finalize. The next `attach` starts from the beginning. */
  detach: { args: undefined; result: undefined }
}
