import { join } from 'node:path'
import type { Clock } from '../ports/clock.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { FaultySigner } from './faulty-signer.ts'
import { FileStore } from './file-store.ts'
import { openKeyFile } from './key-file.ts'
import type { SeLimits } from './limits.ts'
import { SecureElement } from './secure-element.ts'
import type { SeSigner } from './store.ts'
import type { SeUsers } from './users.ts'

export type SoftwareUnitOptions = {
  /** Key, certificates and logs live here. */
  directory: string
  /** P-256 in a virgin folder, else the one of the key that is there. */
  curve?: CurveName | undefined
  clock: Clock
  limits: SeLimits
  /** For info.csv of every export. */
  info: { description: string; manufacturer: string; version: string }
  /** None: functions ask for no login. */
  users?: SeUsers
  /** A key of one's own instead of the folder's. */
  openSigner?: (() => Promise<SeSigner>) | undefined
}

export type Powered = { readonly element: SecureElement; readonly signer: FaultySigner }

/** A secure element with its key and memory in a folder: what every simulator of a TSE has behind its own front. */
export class SoftwareUnit {
  readonly #options: SoftwareUnitOptions
  #powered: (Powered & { store: FileStore }) | undefined

  constructor(options: SoftwareUnitOptions) {
    this.#options = options
  }

  /** What is under power, if anything is. */
  get powered(): Powered | undefined {
    return this.#powered
  }

  /** Powers it up unless it is; `prepare` is what this unit then does by itself. */
  async power(prepare: (element: SecureElement) => Promise<void> = async () => undefined): Promise<Powered> {
    if (this.#powered) return this.#powered
    const { directory, curve, clock, limits, info, users, openSigner } = this.#options
    const signer = new FaultySigner(await (openSigner?.() ?? openKeyFile(directory, curve, clock.now())))
    const store = new FileStore({ directory: join(directory, 'memory') })
    const element = new SecureElement({ store, signer, clock, limits, info, ...(users && { users }) })
    try {
      await element.open()
      await prepare(element)
    } catch (error) {
      await store.close()
      throw error
    }
    this.#powered = { element, signer, store }
    return this.#powered
  }

  /** Time, logins and self-test are gone; what was stored stays. */
  async cut(): Promise<void> {
    const store = this.#powered?.store
    this.#powered = undefined
    await store?.close()
  }
}
