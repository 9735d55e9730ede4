import { DeviceError } from '../../drivers/errors.ts'
import type { Life, Machine } from './agent-life.ts'
import { beginLife, die } from './agent-life.ts'
import type { Chaos } from './chaos.ts'
import type { FaultyDisk } from './faulty-disk.ts'

/** An agent whose journal failed refuses everything for this moment, and ends. */
const LAST_MOMENT_MS = 200

export type LivesOptions = {
  machine: Omit<Machine, 'onError' | 'onFatal'>
  chaos: Pick<Chaos, 'strikes' | 'downtimeMs' | 'cutPowerSometimes'>
  disk: FaultyDisk | undefined
  note: (text: string) => void
  fail: (text: string) => void
}

/** The agent's processes one after the other, as a supervisor keeps one of them running. */
export class Lives {
  current: Life | undefined
  count = 0
  /** A process that is stopping still writes: the next one begins after it. */
  isStopping = false
  readonly #options: LivesOptions
  #beginning: Promise<void> | undefined
  /** Failed calls of the disk before this life. */
  #hitsBefore = 0

  constructor(options: LivesOptions) {
    this.#options = options
  }

  begin(): Promise<void> {
    this.#beginning ??= this.#launch().finally(() => {
      this.#beginning = undefined
    })
    return this.#beginning
  }

  kill(): void {
    if (this.current === undefined) return
    this.#options.note('killed')
    this.#end(this.current)
  }

  restart(): void {
    const { note, fail } = this.#options
    const life = this.current
    if (life === undefined) return
    note('stopped in order')
    this.current = undefined
    this.isStopping = true
    life.stop().then(
      () => {
        this.isStopping = false
        void this.begin()
      },
      (error: unknown) => {
        this.isStopping = false
        // It was killed while it was stopping.
        if (!life.alive) return
        if (this.#diskFailed) note(`stopping: ${error}`)
        else fail(`stopping: ${error}`)
        this.#end(life)
      },
    )
  }

  /** The last process ends with the power. */
  endAll(): void {
    const { current } = this
    this.current = undefined
    if (current !== undefined) this.#close(current)
    this.#options.disk?.cutPower(this.count)
  }

  async #launch(): Promise<void> {
    const { machine, chaos, disk, note, fail } = this.#options
    if (this.current !== undefined) return
    this.count += 1
    this.#hitsBefore = disk?.hits ?? 0
    note(`life ${this.count} begins`)
    const told = {
      onError: (error: unknown) => this.#onError(error),
      onFatal: (error: unknown) => this.#onFatal(error),
    }
    try {
      this.current = await beginLife({ ...machine, ...told }, (point, life) => {
        if (!chaos.strikes(point)) return
        note(`killed at ${point}`)
        this.#end(life)
        die()
      })
    } catch (error) {
      note(`it does not: ${error}`)
      if (this.#diskFailed) this.#again()
      else fail(`life ${this.count}: ${error instanceof Error ? error.stack : error}`)
    }
  }

  get #diskFailed(): boolean {
    return (this.#options.disk?.hits ?? 0) > this.#hitsBefore
  }

  /** The daemon logs it: a device that fails is not a fault of the agent, and must heal. */
  #onError(error: unknown): void {
    const { note, fail } = this.#options
    const code = (error as { code?: unknown }).code
    // The next start reconciles the acts that a stop leaves open.
    const isLeft = this.isStopping && code === 'shutting_down'
    if (isLeft || error instanceof DeviceError || (this.#diskFailed && code === 'storage_unavailable'))
      note(`in the background: ${error instanceof Error ? error.message : error}`)
    else fail(`in the background: ${error instanceof Error ? error.stack : error}`)
  }

  #onFatal(error: unknown): void {
    const { machine, note, fail } = this.#options
    if (!this.#diskFailed) fail(`the journal gave up: ${error instanceof Error ? error.stack : error}`)
    note(`the journal gave up: ${error}`)
    const life = this.current
    machine.clock.after(LAST_MOMENT_MS, () => {
      if (life !== undefined && life === this.current) this.#end(life)
    })
  }

  #end(life: Life): void {
    this.#close(life)
    if (this.current === life) this.current = undefined
    this.#options.chaos.cutPowerSometimes()
    this.#again()
  }

  #close(life: Life): void {
    const { disk } = this.#options
    if (disk === undefined) life.kill()
    else disk.whileDead(() => life.kill())
  }

  #again(): void {
    const { machine, chaos } = this.#options
    machine.clock.after(chaos.downtimeMs(), () => void this.begin())
  }
}
