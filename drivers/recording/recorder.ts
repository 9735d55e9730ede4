/** Sees what goes over the line of a device, below its driver. Texts have one character per byte. */
export type Recorder = {
  /** The line was opened: what explains a silent device (`serial 115200 8N1`, `file, direct access`); no path. */
  opened(how: string): void
  /** Called before the first byte leaves. At a look it throws `refused` none for bytes that do more than read. */
  sending(bytes: Uint8Array): void
  /** Called on arrival, not when a driver reads: `discard` drops late bytes. */
  heard(bytes: Uint8Array): void
  broke(cause: string): void
  /**
   * Tests only: a recording answers instead of the device. A transport that finds it opens nothing, and takes its return
   * as received. Throws `refused` none for a question that is not in the recording.
   */
  readonly plays?: ((sent: Uint8Array) => readonly Uint8Array[]) | undefined
}
