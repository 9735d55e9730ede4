import type { Clock } from '../../base/clock.ts'
import type { StepWatch } from '../process/clock-steps.ts'
import type { CommandEnvironment } from '../process/said.ts'
import { said } from '../process/said.ts'

export type Voucher = 'ntp' | 'chrony'

/** A reference further ahead than this is from the time before the step. */
const AHEAD_MS = 60_000

/**
 * Whether this machine was synchronised since its clock stepped. Only answers after the step count: setting a clock
 * clears the kernel's flag, and only a time service sets it again.
 */
export class MachineVouching {
  readonly #env: CommandEnvironment
  readonly #clock: Clock
  readonly #steps: StepWatch
  /** Number of steps at the last check. */
  #partings: number | undefined
  /** When the step was noticed, by the clock after it. */
  #seenMs = 0
  /** The reference of chrony before the step, if known. */
  #reference: string | undefined

  constructor(env: CommandEnvironment, clock: Clock, steps: StepWatch) {
    this.#env = env
    this.#clock = clock
    this.#steps = steps
  }

  /** The clock is right: any later step is another one. */
  forget(): void {
    this.#partings = undefined
    this.#reference = undefined
  }

  /** The service that confirms the present time. */
  async ask(): Promise<Voucher | undefined> {
    this.#noteStep()
    // timedatectl(1): the kernel's own flag, whichever program keeps the clock.
    const kernel = await said(this.#env, 'timedatectl', 'show', '-p', 'NTPSynchronized')
    const voucher = kernel === undefined ? await this.#askChrony() : /(^|=)yes$/.test(kernel) ? 'ntp' : undefined
    // The answer may be of the time before another step.
    return this.#noteStep() ? undefined : voucher
  }

  /** True if the clock has stepped since the last check. */
  #noteStep(): boolean {
    this.#steps.compareClocks()
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
