import type { Clock } from '../../base/clock.ts'
import type { StepWatch } from '../process/clock-steps.ts'
import type { CommandEnvironment } from '../process/said.ts'
import { said } from '../process/said.ts'

export type Voucher = 'ntp' | 'chrony'

/** A reference further ahead than this is of the time before the step. */
const AHEAD_MS = 60_000

/**
 * Whether this machine is synchronised since its clock stepped. Only what is asked after the step counts: to set a clock
 * clears the kernel's flag, and only a time service sets it again.
 */
export class MachineVouching {
  readonly #env: CommandEnvironment
  readonly #clock: Clock
  readonly #steps: StepWatch
  /** How often the clock had stepped at the last look. */
  #partings: number | undefined
  /** When the step was seen, by the clock after it. */
  #seenMs = 0
  /** The reference of chrony before the step, if known. */
  #reference: string | undefined

  constructor(env: CommandEnvironment, clock: Clock, steps: StepWatch) {
    this.#env = env
    this.#clock = clock
    this.#steps = steps
  }

  /** The clock is sound: what comes next is another step. */
  forget(): void {
    this.#partings = undefined
    this.#reference = undefined
  }

  /** Who vouches for the time that it is now. */
  async ask(): Promise<Voucher | undefined> {
    this.#look()
    // timedatectl(1): the kernel's own flag, whichever program keeps the clock.
    const kernel = await said(this.#env, 'timedatectl', 'show', '-p', 'NTPSynchronized')
    const voucher = kernel === undefined ? await this.#askChrony() : /(^|=)yes$/.test(kernel) ? 'ntp' : undefined
    // The answer may be of the time before another step.
    return this.#look() ? undefined : voucher
  }

  /** True where the clock has stepped since the last look. */
  #look(): boolean {
    this.#steps.look()
    const { partings } = this.#steps
    const hasStepped = partings !== this.#partings
    this.#partings = partings
    if (hasStepped) this.#seenMs = this.#clock.now()
    return hasStepped
  }

  /** chronyc(1), comma separated: the fourth column is the time of the last update, the last one the state of the leap second. */
  async #askChrony(): Promise<Voucher | undefined> {
    const columns = (await said(this.#env, 'chronyc', '-c', 'tracking'))?.split(',')
    const reference = columns?.[3] ?? ''
    const updatedMs = Number(reference) * 1000
    if (columns === undefined || columns.at(-1) === 'Not synchronised' || !(updatedMs > 0)) return undefined
    if (updatedMs > this.#clock.now() + AHEAD_MS) this.#reference = reference
    return reference !== this.#reference && updatedMs > this.#seenMs ? 'chrony' : undefined
  }
}
