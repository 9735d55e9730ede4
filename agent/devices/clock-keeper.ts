import { every, monoMs, PLAUSIBLE_MS, rfc3339 } from '../../base/clock.ts'
import { isFar } from '../journal/clock-watch.ts'
import { VOUCHED } from '../journal/event-table.ts'
import type { CommandEnvironment } from '../process/said.ts'
import { MachineVouching } from './machine-vouching.ts'
import type { StepRecorderOptions } from './step-recorder.ts'

export type ClockKeeperOptions = Pick<StepRecorderOptions, 'journal' | 'devices' | 'clock' | 'steps' | 'onError'> & {
  /** The environment of the commands that report what keeps the clock; without it none is run. */
  commands?: CommandEnvironment | undefined
}

const LOOK_MS = 1000
/** Interval of the queries while the clock is suspect. */
const ASK_MS = 5000

/**
 * Checks whether the clock has lost its time, stepped back or passed the end of a TSE's certificate, and accepts the machine's report that it is right: if it
 * was synchronised since the step, the clock ran ahead before.
 */
export class ClockKeeper {
  readonly #options: ClockKeeperOptions
  readonly #vouching: MachineVouching | undefined
  #askedMs = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined
  #stop = (): void => undefined

  constructor(options: ClockKeeperOptions) {
    this.#options = options
    const { commands, clock, steps } = options
    this.#vouching = commands && new MachineVouching(commands, clock, steps)
  }

  /** The newest time on record, while the clock has not come to it yet: it was set back, or ran ahead before. */
  get timeToCome(): number | undefined {
    const { journal, devices, clock } = this.#options
    const bounds = [...devices.values()].map(({ time }) => time?.boundMs())
    const newest = Math.max(0, ...[journal.clockWatch.newestMs, ...bounds].filter((ms) => ms !== undefined))
    return isFar(newest, clock.now()) ? newest : undefined
  }

  /** The newest end of a TSE's certificate that the clock has passed, while it was not confirmed since. */
  get passedEnd(): number | undefined {
    const ends = [...this.#options.devices.values()].map(({ time }) => time?.passedEndMs() ?? 0)
    return Math.max(0, ...ends) || undefined
  }

  /** The newest step of the clock, whole seconds; undefined before the first. */
  get steppedBySeconds(): number | undefined {
    const { newest } = this.#options.steps
    return newest && Math.round((newest.toMs - newest.fromMs) / 1000)
  }

  /** Checks at once, before anything is signed. */
  async start(): Promise<void> {
    this.#judgeClocks()
    await this.#asking
    this.#stop = every(this.#options.clock, LOOK_MS, () => this.#judgeClocks())
  }

  async stop(): Promise<void> {
    this.#stop()
    await this.#asking
  }

  /** The time that contradicts the clock. */
  get #contradiction(): number | undefined {
    return this.timeToCome ?? this.passedEnd
  }

  #judgeClocks(): void {
    const { devices, onError } = this.#options
    try {
      for (const device of devices.values()) void device.judgeClock()?.catch(onError)
      this.#askMachine()
    } catch (error) {
      onError(error)
    }
  }

  #askMachine(): void {
    const { clock, onError } = this.#options
    const nowMs = monoMs(clock)
    if (this.#contradiction === undefined) {
      this.#askedMs = Number.NEGATIVE_INFINITY
      this.#vouching?.forget()
      return
    }
    if (this.#asking !== undefined || this.#vouching === undefined || nowMs - this.#askedMs < ASK_MS) return
    this.#askedMs = nowMs
    this.#asking = this.#recordVouching(this.#vouching)
      .catch(onError)
      .finally(() => {
        this.#asking = undefined
      })
  }

  async #recordVouching(vouching: MachineVouching): Promise<void> {
    const { journal, devices, clock } = this.#options
    const by = await vouching.ask()
    if (by === undefined) return
    await journal.record(() => {
      const [fromMs, toMs] = [this.#contradiction, clock.now()]
      // Nothing confirms a clock that has lost its time.
      if (fromMs === undefined || toMs < PLAUSIBLE_MS) return []
      const facts = { from: rfc3339(fromMs), to: rfc3339(toMs), by }
      return [{ ...VOUCHED, body: { clock: 'right', facts } }]
    })
    await Promise.all([...devices.values()].map((device) => device.judgeClock()))
  }
}
