import { DeviceError } from '../errors.ts'

/** What can go wrong when a unit is to hand out what it signed. That it never answers is `lost-request`. */
export const exportFaults = ['no-data', 'read-error', 'old-only'] as const

/** How far exports show the memory, with the faults of the act in progress: nothing, an error of the memory, or only what is old. */
export class FaultyExports {
  #struck: ReadonlySet<string> = new Set()
  /** The last signature counter that an export has shown. */
  #shown = 0

  strike(struck: ReadonlySet<string>): void {
    this.#struck = struck
  }

  /** The last signature counter that an export shows. Throws `no_data` and `refused`. */
  lastShown(counter: number): number {
    if (this.#has('no-data')) throw new DeviceError('no_data', 'none', 'nothing is handed out', 'ErrorNoDataAvailable')
    if (this.#has('read-error'))
      throw new DeviceError('refused', 'none', 'the memory cannot be read', 'ErrorRetrieveLogMessageFailed')
    if (!this.#has('old-only')) this.#shown = Math.max(this.#shown, counter)
    return Math.min(this.#shown, counter)
  }

  #has(fault: (typeof exportFaults)[number]): boolean {
    return this.#struck.has(fault)
  }
}
