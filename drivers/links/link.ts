import type { Plug } from '../ports/plug.ts'

/** A line to a device: bytes out, bytes in. Not locked: its driver's queue runs one exchange at a time. */
export type Link = Plug & {
  readonly connected: boolean
  /** Harmless when connected. Throws `unavailable` none. One try: the caller paces and repeats. */
  connect(): Promise<void>
  /** Throws `unavailable` none when not connected (no byte left), else `unavailable` unknown. */
  write(bytes: Uint8Array): Promise<void>
  /** The next bytes; undefined after `timeoutMs`. Throws `unavailable` unknown when the line breaks, `aborted` unknown. */
  read(timeoutMs: number, signal?: AbortSignal): Promise<Buffer | undefined>
  /** Discards received bytes that were not read. */
  discard(): void
  /** Called after a silence: closes a line whose device is missing or has a different node. */
  check(): Promise<void>
  close(): Promise<void>
}
