/** A register, as an audit lists it. */
export type AuditedRegister = {
  readonly id: string
  readonly merchant_id: string
  readonly fiscal_device: string | null
  readonly fiscalization: { readonly regime: string; readonly tse_serial: string | null } | null
}

/** A file of an audit, made by an export, and its register or device if there are several. */
export type AuditFile = {
  readonly file: string
  readonly type: string
  readonly registerId?: string
  readonly deviceId?: string
}

/** The part of an audit that a law defines. */
export type AuditRules = {
  /** `registers` are those of the law, `devices` the configured ones; the serial number of a retired unit is known. */
  files(
    registers: readonly AuditedRegister[],
    devices: readonly { readonly id: string }[],
    isRetired: (serial: string) => boolean,
  ): readonly AuditFile[]
}
