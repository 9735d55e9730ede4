import { earliest } from './protocol/instants.ts'
import type { Cursor, Halt, Source } from './source.ts'
import type { Progress } from './status.ts'

/** An ended epoch that the target does not take completely. `events`: the number of its missing events. */
export type LeftEpoch = {
  readonly chainId: string
  readonly epoch: number
  readonly ackedSeq: number
  readonly events: number
  readonly halt: Halt
}

type Left = { readonly source: Source; readonly progress: Progress & { readonly halt: Halt } }

/** The epochs before the present one that have halted at a target: how far they came and why not further. */
export class LeftEpochs {
  readonly #cursorOf: (source: Source) => Cursor
  readonly #epochs = new Map<string, Left>()

  constructor(cursorOf: (source: Source) => Cursor) {
    this.#cursorOf = cursorOf
  }

  add(source: Source, progress: Progress): void {
    const { halt } = progress
    if (halt !== undefined) this.#epochs.set(source.chain.chainId, { source, progress: { ...progress, halt } })
  }

  clear(): void {
    this.#epochs.clear()
  }

  /** Events that a person must still look at. */
  get missing(): number {
    return this.#open().reduce((sum, { progress }) => sum + missing(progress), 0)
  }

  /** Events that a person has dismissed: they stay here, and the target never receives them. */
  get dismissed(): number {
    return [...this.#epochs.values()].reduce(
      (sum, { progress }) => sum + (progress.halt.set_aside === true ? missing(progress) : 0),
      0,
    )
  }

  get oldestAtMs(): number | undefined {
    return earliest(...this.#open().map(({ progress }) => progress.oldestAtMs))
  }

  get lastError(): Halt | undefined {
    return this.#open()[0]?.progress.halt
  }

  list(): readonly LeftEpoch[] {
    return this.#open().map(({ source, progress }) => ({
      chainId: source.chain.chainId,
      epoch: source.chain.epoch,
      ackedSeq: progress.ackedSeq,
      events: missing(progress),
      halt: progress.halt,
    }))
  }

  /** Survives a restart in the cursor of its epoch, with the evidence. */
  async dismiss(): Promise<void> {
    for (const { source, progress } of this.#open()) {
      const halt: Halt = { ...progress.halt, set_aside: true }
      await this.#cursorOf(source).save({ ackedSeq: progress.ackedSeq, halt })
      this.#epochs.set(source.chain.chainId, { source, progress: { ...progress, halt } })
    }
  }

  #open(): Left[] {
    return [...this.#epochs.values()].filter(({ progress }) => progress.halt.set_aside !== true)
  }
}

function missing({ headSeq, ackedSeq }: Progress): number {
  return Math.max(0, headSeq - ackedSeq)
}
