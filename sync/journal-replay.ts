import type { ReplayerOptions } from './replayer.ts'
import { Replayer } from './replayer.ts'
import type { Cursor, Source } from './source.ts'
import type { Progress, TargetStatus } from './status.ts'
import { statusOf } from './status.ts'

export type JournalReplayOptions = Omit<ReplayerOptions, 'source' | 'cursor'> & {
  /** The epochs of the journal, oldest first; only the last one grows. Asked again when it may have another. */
  readonly epochs: () => readonly [Source, ...Source[]]
  readonly cursorOf: (source: Source) => Cursor
}

/**
 * Brings a journal to one target, epoch by epoch: what is missing of an old one goes before the next is registered,
 * since that fences it. An old epoch that cannot be completed is said, and does not keep the present one back.
 */
export class JournalReplay {
  private readonly options: JournalReplayOptions
  private readonly stopping = new AbortController()
  /** The epoch that is replayed now. */
  private present: { readonly source: Source; readonly replayer: Replayer } | undefined
  /** Epochs before it that stand, by chain: how far they came and why not farther. */
  private readonly left = new Map<string, Progress>()
  private running: Promise<void> = Promise.resolve()

  constructor(options: JournalReplayOptions) {
    this.options = options
  }

  /** Begins; an unreachable target is no error. Throws what a cursor's `load` throws. */
  async open(): Promise<void> {
    const [first] = this.options.epochs()
    await this.begin(first)
    this.running = this.run()
  }

  /** In the numbers of the journal, all its epochs counted through. */
  status(): TargetStatus {
    const { target, clock, epochs } = this.options
    const [last] = epochs().slice(-1)
    const { source, replayer } = this.present ?? {}
    const progress = replayer?.progress()
    const left = [...this.left.values()]
    const journal: Progress = {
      ackedSeq: (source?.base ?? 0) + (progress?.ackedSeq ?? 0),
      headSeq: (last?.base ?? 0) + (last?.head().seq ?? 0),
      oldestAtMs: earliest([...left, ...(progress === undefined ? [] : [progress])]),
      reachable: progress?.reachable ?? false,
      halt: progress?.halt,
      lastError: progress?.lastError ?? left[0]?.lastError,
      ackedAtMs: progress?.ackedAtMs,
      skewMs: progress?.skewMs,
      missing: left.reduce((sum, { ackedSeq, headSeq }) => sum + headSeq - ackedSeq, 0),
    }
    return statusOf(target.id, journal, clock.now())
  }

  /** Ends what is in flight; it is sent again at the next start. */
  async close(): Promise<void> {
    this.stopping.abort()
    await this.present?.replayer.close()
    await this.running
    await this.options.target.close()
  }

  private async begin(source: Source): Promise<void> {
    const { epochs: _, cursorOf, ...options } = this.options
    const replayer = new Replayer({ ...options, source, cursor: cursorOf(source) })
    this.present = { source, replayer }
    await replayer.open()
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping
    while (!signal.aborted && this.present !== undefined) {
      const { source, replayer } = this.present
      const outcome = await replayer.finished()
      if (outcome === 'closed') return
      const [first] = this.options.epochs()
      const next = outcome === 'forgotten' ? first : await this.after(source)
      if (next === undefined) return
      if (outcome === 'forgotten') this.left.clear()
      if (outcome === 'halted') this.left.set(source.chain.chainId, replayer.progress())
      await this.begin(next)
      this.options.onChange?.()
    }
  }

  /** The next epoch, waited for where the last one stands; undefined when the replay is stopped. */
  private after(source: Source): Promise<Source | undefined> {
    const { signal } = this.stopping
    const find = (): Source | undefined => this.options.epochs().find(({ base }) => base > source.base)
    return new Promise((resolve) => {
      const look = (): void => {
        const found = signal.aborted ? undefined : find()
        if (found === undefined && !signal.aborted) return
        unsubscribe()
        signal.removeEventListener('abort', look)
        resolve(found)
      }
      const unsubscribe = source.onAppend(look)
      signal.addEventListener('abort', look, { once: true })
      look()
    })
  }
}

function earliest(progresses: readonly Progress[]): number | undefined {
  const times = progresses.flatMap(({ oldestAtMs }) => oldestAtMs ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}
