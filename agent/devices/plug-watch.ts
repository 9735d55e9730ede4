import type { Clock } from '../../base/clock.ts'
import { every, monoMs } from '../../base/clock.ts'
import type { Plug } from '../../drivers/ports/plug.ts'

/** Between two looks at the node of a device. */
const LOOK_MS = 250
/** After a plug a node may exist before it can be opened: each look tries it for this time. */
const SETTLING_MS = 2_000

export type PlugWatchOptions = {
  plug: Plug | undefined
  clock: Clock
  isUsable: () => boolean
  /** The device that is used was unplugged. */
  onLost: () => void
  /** Something was plugged in where a device is missing. */
  onPlugged: () => void
}

/** Sees that a device is unplugged or put back, by its node and its line; asks the device nothing. */
export class PlugWatch {
  readonly #options: PlugWatchOptions
  #seen: string | undefined
  /** The mark of the device that was connected; undefined if there is no mark. */
  #held: string | undefined
  #pluggedAtMs = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined
  #isStopped = false

  constructor(options: PlugWatchOptions) {
    this.#options = options
    options.plug?.onLost?.(() => {
      if (options.isUsable()) options.onLost()
    })
  }

  /** True while a device that was just put back may not be ready to be opened. */
  get isSettling(): boolean {
    return monoMs(this.#options.clock) - this.#pluggedAtMs < SETTLING_MS
  }

  /**
   * Call it before a connection: the device that is plugged in now will be used. The looks begin with the first one.
   */
  async hold(): Promise<void> {
    const { plug, clock } = this.#options
    if (plug?.look === undefined) return
    this.#held = await plug.look()
    this.#seen = this.#held
    if (!this.#isStopped) this.#cancel ??= every(clock, LOOK_MS, () => this.#checkPlug())
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  async #checkPlug(): Promise<void> {
    const { plug, clock, isUsable, onLost, onPlugged } = this.#options
    const mark = await plug?.look?.()
    if (this.#isStopped) return
    const isNew = mark !== undefined && mark !== this.#seen
    this.#seen = mark
    if (isNew) this.#pluggedAtMs = monoMs(clock)
    if (isUsable()) {
      if (this.#held !== undefined && mark !== this.#held) onLost()
    } else if (isNew) onPlugged()
  }
}
