import { writeFileSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { monoMs } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { errorFields } from '../../base/log.ts'
import { watchFolder } from '../../base/replaced-files.ts'

/** The service manager compares each file with its copy for it: 50 ms a file. */
const PAUSE_MS = 5000
/** By then the service manager watches the file again, and a command that renews several files is done. */
const FOLLOW_MS = 1000

/**
 * Asks the service manager to copy the secrets again, by a file that it watches (fiskal-edge-secret@.path): it misses a
 * change during a copy. At most every 5 s; a request in between waits until then.
 */
export class SecretRenewal {
  readonly #file: string
  readonly #clock: Clock
  readonly #log: Log
  #nextMs = Number.NEGATIVE_INFINITY
  #isWaiting = false
  #isFollowing = false

  constructor(file: string, clock: Clock, log: Log) {
    this.#file = file
    this.#clock = clock
    this.#log = log
  }

  requestSecrets(): void {
    if (this.#isWaiting) return
    const waitMs = this.#nextMs - monoMs(this.#clock)
    if (waitMs <= 0) {
      this.#write()
      return
    }
    this.#isWaiting = true
    this.#clock.after(waitMs, () => {
      this.#isWaiting = false
      this.#write()
    })
  }

  /** Asks again after each copy in that folder that brought a changed file: it came and went there (copy-secret.sh). */
  watchCopies(folder: string): void {
    watchFolder(folder, () => {
      if (this.#isFollowing) return
      this.#isFollowing = true
      this.#clock.after(FOLLOW_MS, () => {
        this.#isFollowing = false
        this.requestSecrets()
      })
    })
  }

  #write(): void {
    this.#nextMs = monoMs(this.#clock) + PAUSE_MS
    try {
      writeFileSync(this.#file, '')
    } catch (error) {
      this.#log.warn(errorFields(error), 'the service manager cannot be asked for newer secret files')
    }
  }
}
