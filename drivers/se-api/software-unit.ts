import { join } from 'node:path'
import type { CurveName } from '../tr03151/algorithms.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import { FaultySigner } from './faulty-signer.ts'
import { FileStore } from './file-store.ts'
import { HistoryStore } from './history.ts'
import { openKeyFile } from './key-file.ts'
import type { SecureElementOptions } from './secure-element.ts'
import { SecureElement } from './secure-element.ts'
import type { SeSigner, SeStore } from './store.ts'

export type SoftwareUnitOptions = Omit<SecureElementOptions, 'store' | 'signer'> & {
  /** Folder of key, certificates and logs. */
  directory: string
  /** P-256 in an empty folder, else that of the existing key. */
  curve?: CurveName | undefined
  /** Time at which missing key and certificates are created; default: that of the clock. May throw. */
  madeAtMs?: () => number
  /** Number of logs signed before the unit was initialised; default 0. */
  history?: number | undefined
}

/** The size of an order that every unit exports in one piece. */
const HISTORY_DATA_BYTES = 32_768

const NO_FAULTS: ReadonlySet<string> = new Set()

export type Powered = { readonly element: SecureElement; readonly signer: FaultySigner }

/** By the unit's own time: some units then report it for acts that they do. */
export function hasCertificateEnded({ element, signer }: Powered): boolean {
  return element.info().nowMs > signer.certificateExpiresAtMs
}

/** A secure element with its key and memory in a folder, shared by every simulator of a TSE. */
export class SoftwareUnit {
  readonly #options: SoftwareUnitOptions
  #powered: (Powered & { store: SeStore }) | undefined

  constructor(options: SoftwareUnitOptions) {
    this.#options = options
  }

  /** Powers it up if needed; `prepare` is what this unit then does automatically. */
  async power(prepare: (element: SecureElement) => Promise<void> = async () => undefined): Promise<Powered> {
    if (this.#powered) return this.#powered
    const { directory, curve, clock, limits, info, users, chainFile, madeAtMs = () => clock.now() } = this.#options
    const key = await openKeyFile(directory, curve, madeAtMs)
    const signer = new FaultySigner(key)
    const store = this.#store(key)
    const element = new SecureElement({ store, signer, clock, limits, info, chainFile, ...(users && { users }) })
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

  /** One act with the faults of unit-faults.ts that apply to it; afterwards the key is sound again. */
  async struck<T>(names: ReadonlySet<string>, act: (powered: Powered) => Promise<T>): Promise<T> {
    const powered = await this.power()
    const { element, signer } = powered
    if (names.has('clock-lost')) element.loseTime()
    if (names.has('self-test-due')) element.requireSelfTest()
    signer.strike(names)
    element.strikeExports(names)
    try {
      return await act(powered)
    } finally {
      signer.strike(NO_FAULTS)
      element.strikeExports(NO_FAULTS)
    }
  }

  /** Loses time, logins and self-test; stored data stays. */
  async cut(): Promise<void> {
    const store = this.#powered?.store
    this.#powered = undefined
    await store?.close()
  }

  #store(signer: SeSigner): SeStore {
    const { directory, clock, history = 0, limits } = this.#options
    const store = new FileStore({ directory: join(directory, 'memory') })
    if (history === 0) return store
    const serial = serialOfPoint(signer.publicKey)
    const dataBytes = Math.min(limits.processDataBytes, HISTORY_DATA_BYTES)
    return new HistoryStore({ store, signer, serial, logs: history, timeMs: clock.now(), dataBytes })
  }
}
