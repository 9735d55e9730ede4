import type { SecureElement } from '../se-api/secure-element.ts'
import { fn, Refusal } from './simulator-wire.ts'

/** Wrong seeds before the first PUK is locked. */
const PUK_TRIES = 3

/** After a self-test that was not passed only users, new clients and the self-test are served. */
const AFTER_FAILED_TEST: ReadonlySet<number> = new Set([fn.setup, fn.login, fn.logout, fn.register])
/** Functions without the note "requires an active CTSS interface". */
const WITHOUT_INTERFACE: ReadonlySet<number> = new Set([...AFTER_FAILED_TEST, fn.deregister, fn.clients, fn.ctssEnable])
const ALWAYS: ReadonlySet<number> = new Set([fn.info, fn.selfTest])

/** The functions that the unit serves in its state, by the notes of the library's header. */
export class UnitStates {
  #asleepWith: number | undefined
  #hasFailedTest = false
  #isSwitchedOff = false
  #pukTriesLeft = PUK_TRIES

  demandServed(code: number, element: SecureElement): void {
    if (ALWAYS.has(code)) return
    if (this.#asleepWith !== undefined) throw new Refusal(this.#asleepWith)
    const hasPassed = element.info().selfTestDueInMs > 0
    if (!hasPassed && !this.#hasFailedTest) throw new Refusal(0x1054)
    if (!hasPassed && !AFTER_FAILED_TEST.has(code)) throw new Refusal(0x1055)
    if (!this.isInterfaceOn(element) && !WITHOUT_INTERFACE.has(code)) throw new Refusal(0x1053)
  }

  /** Its energy-saving state, in which it still says that it has passed its self-test; no source names the error. */
  fallAsleep(error: number): void {
    this.#asleepWith = error
  }

  /** Off as delivered. */
  isInterfaceOn(element: SecureElement): boolean {
    return element.info().state.initialised && !this.#isSwitchedOff
  }

  switchInterface(isOn: boolean): void {
    this.#isSwitchedOff = !isOn
  }

  /** The self-test demands a client that is registered. */
  async selfTest(client: string, element: SecureElement): Promise<void> {
    this.#hasFailedTest = !element.info().state.clients.includes(client)
    if (this.#hasFailedTest) {
      element.requireSelfTest()
      throw new Refusal(0x1011)
    }
    await element.selfTest()
    this.#asleepWith = undefined
  }

  /** The library derives the first PUK from the seed: a wrong seed is a wrong PUK. */
  demandSeed(seed: string, ofDealer: string): void {
    if (this.#pukTriesLeft <= 0) throw new Refusal(0x1201)
    if (seed === ofDealer) return
    this.#pukTriesLeft -= 1
    throw new Refusal(0x1100)
  }

  losePower(): void {
    this.#asleepWith = undefined
    this.#hasFailedTest = false
  }
}
