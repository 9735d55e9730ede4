import type { DeviceError } from '../../drivers/errors.ts'

/** Why something cannot be done now: a code that stays the same, and words for a person. */
export type Trouble = { readonly code: string; readonly message: string }

/** The identity that the port of a device reports. */
export type IdentityOf<Unit extends { identity(): Promise<unknown> }> = Awaited<ReturnType<Unit['identity']>>

/** A device of one kind as a law uses it: its port, and whether it may be used now. */
export type Usable<Unit extends { identity(): Promise<unknown> }> = {
  readonly unit: Unit
  readonly usable: boolean
  /** Read at the last connection; undefined before the first. */
  readonly identity: IdentityOf<Unit> | undefined
  readonly trouble: Trouble | undefined
  report(error: DeviceError): void
  /** An act succeeded: an earlier refusal is over. */
  worked(): void
  /**
   * True when it may be used: at once, or as soon as a device that has just fallen silent is back. False when its
   * window is over, at the latest at `latestNs` of the monotonic clock. Throws `aborted` when the agent stops. Without
   * it no caller waits.
   */
  isBack?(latestNs: bigint): Promise<boolean>
}

/** Silences of one act, each of them waited for: a device that breaks its line again and again is down. */
export const SILENCES_MAX = 8
