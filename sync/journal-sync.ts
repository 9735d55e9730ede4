import { pause } from '../base/clock.ts'
import { messageOf } from '../base/thrown.ts'
import { LaterEpochs } from './later-epochs.ts'
import { LeftEpochs } from './left-epochs.ts'
import { earliest } from './protocol/instants.ts'
import { Sender } from './sender.ts'
import type { SenderOptions } from './sender-options.ts'
import type { Outcome } from './sender-state.ts'
import type { Cursor, Halt, Source } from './source.ts'
import type { Progress, TargetStatus } from './status.ts'
import { statusOf } from './status.ts'

const RETRY_BASE_MS = 15 * 60_000
const RETRY_CAP_MS = 4 * 3_600_000
/** A disk that fails to return its data may work again later. */
const READ_AGAIN_MS = 60_000

export type JournalSyncOptions = Omit<SenderOptions, 'source' | 'cursor' | 'isAskedAgain'> & {
  /** The epochs of the journal, oldest first; only the last one grows. Asked again when it may have another. */
  readonly epochs: () => readonly [Source, ...Source[]]
  readonly cursorOf: (source: Source) => Cursor
}

type Present = { readonly source: Source; readonly sender: Sender }

/**
 * Sends a journal to one target, epoch by epoch: the missing events of an old one go before the next is registered,
 * since that fences it. An old epoch that cannot be completed is reported and does not delay the present one.
 */
export class JournalSync {
  readonly #options: JournalSyncOptions
  readonly #stopping = new AbortController()
  /** The epoch that is sent now. */
  #present: Present | undefined
  readonly #leftEpochs: LeftEpochs
  readonly #later: LaterEpochs
  /** Why the present epoch halted at the last try; reported until it gets further. */
  #stood: { readonly halt: Halt; readonly ackedSeq: number } | undefined
  /** Set by an earlier run: of another epoch, or before a retry. */
  #ackedBeforeMs: number | undefined
  #retries = 0
  /** The chain of the epoch for which the earlier ones were asked again. */
  #askedAgainFor: string | undefined
  #resuming = false
  #wake: () => void = () => undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: JournalSyncOptions) {
    this.#options = options
    this.#leftEpochs = new LeftEpochs(options.cursorOf)
    this.#later = new LaterEpochs(options.cursorOf, options.clock)
  }

  /** Begins; an unreachable target or an unreadable cursor does not reject: both are tried again. */
  async open(): Promise<void> {
    try {
      await this.#begin(this.#options.epochs()[0])
      this.#running = this.#run()
    } catch (error) {
      this.#running = this.#readAgain(error).then(() => this.#run())
    }
  }

  /** In the numbers of the journal, counted through all its epochs. */
  status(): TargetStatus {
    const { target, clock, epochs } = this.#options
    const [last] = epochs().slice(-1)
    const { source, sender } = this.#present ?? {}
    const progress = sender?.progress()
    const halt = progress?.halt ?? this.#standing(progress)
    const journal: Progress = {
      ackedSeq: (source?.base ?? 0) + (progress?.ackedSeq ?? 0),
      headSeq: (last?.base ?? 0) + (last?.head().seq ?? 0),
      oldestAtMs: earliest(this.#leftEpochs.oldestAtMs, progress?.oldestAtMs, this.#later.oldestAtMs),
      reachable: progress?.reachable ?? false,
      halt,
      lastError: halt ?? progress?.lastError ?? this.#leftEpochs.lastError,
      ackedAtMs: progress?.ackedAtMs ?? this.#ackedBeforeMs,
      skewMs: progress?.skewMs,
      settledLater: this.#later.settled,
      missing: this.#leftEpochs.missing,
      dismissed: this.#leftEpochs.dismissed,
    }
    return statusOf(target.id, journal, clock.now())
  }

  /** Why the growing epoch has halted; an ended epoch is always followed by another one. */
  halt(): Halt | undefined {
    const { source, sender } = this.#present ?? {}
    const progress = sender?.progress()
    return source?.ended() === false ? (progress?.halt ?? this.#standing(progress)) : undefined
  }

  /** True if the target has refused our token for more than a quarter of an hour. */
  get isTokenRefused(): boolean {
    return this.#present?.sender.isTokenRefused === true
  }

  /** Retries everything that is halted or waits, from the first epoch on. A fork stays one. */
  async resume(): Promise<void> {
    this.#resuming = true
    this.#retries = 0
    this.#wake()
    await this.#present?.sender.close()
  }

  /** Ended epochs that the target does not take completely, and that were not dismissed yet. */
  stranded(): ReturnType<LeftEpochs['list']> {
    return this.#leftEpochs.list()
  }

  /** Counts them separately from now on; the known facts about them stay. */
  async dismissStranded(): Promise<void> {
    await this.#leftEpochs.dismiss()
    this.#options.onChange?.()
  }

  /** Stops the transfer in flight; the next start sends it again. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#present?.sender.close()
    await this.#running
    await this.#options.target.close()
  }

  /** Retried, and not yet further than at its halt. */
  #standing(progress: Progress | undefined): Halt | undefined {
    if (this.#stood === undefined || progress === undefined || progress.ackedSeq >= progress.headSeq) return undefined
    return progress.ackedSeq <= this.#stood.ackedSeq ? this.#stood.halt : undefined
  }

  async #begin(source: Source): Promise<void> {
    const { epochs, cursorOf, ...options } = this.#options
    await this.#later.load(epochs().filter(({ base }) => base > source.base))
    const isAskedAgain = source.chain.chainId === this.#askedAgainFor
    const sender = new Sender({ ...options, source, cursor: cursorOf(source), isAskedAgain })
    const before = this.#present
    this.#ackedBeforeMs = before?.sender.progress().ackedAtMs ?? this.#ackedBeforeMs
    this.#present = { source, sender }
    try {
      await sender.open()
    } catch (error) {
      this.#present = before
      throw error
    }
  }

  /** Epoch after epoch. Never rejects: the caller does not await it before the end. */
  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#present === undefined) await this.#begin(this.#options.epochs()[0])
        if (this.#present !== undefined && !(await this.#goOn(this.#present))) return
      } catch (error) {
        await this.#readAgain(error)
      }
    }
  }

  #readAgain(error: unknown): Promise<void> {
    const { clock, log, target } = this.#options
    const fields = { target: target.id, error: messageOf(error), retry_ms: READ_AGAIN_MS }
    log.error(fields, 'the sync of an epoch could not start')
    return pause(clock, READ_AGAIN_MS, this.#stopping.signal)
  }

  /** Waits for the end of the present epoch's sync and begins the next one; false if the sync was stopped. */
  async #goOn(present: Present): Promise<boolean> {
    const outcome = await present.sender.finished()
    const next = this.#stopping.signal.aborted ? undefined : await this.#following(present, outcome)
    if (next === undefined) return false
    await this.#begin(next)
    this.#options.onChange?.()
    return true
  }

  /** The epoch to send next; undefined if the sync was stopped. */
  async #following({ source, sender }: Present, outcome: Outcome): Promise<Source | undefined> {
    const progress = sender.progress()
    const { halt, ackedSeq } = progress
    if (halt !== undefined && ackedSeq > (this.#stood?.ackedSeq ?? 0)) this.#retries = 0
    this.#stood = halt && { halt, ackedSeq }
    if (outcome === 'forgotten') this.#askedAgainFor = source.chain.chainId
    const next = outcome === 'forgotten' || this.#resuming ? undefined : await this.#after(source, halt)
    if (this.#stopping.signal.aborted) return undefined
    const [first] = this.#options.epochs()
    if (next === undefined) {
      this.#resuming = false
      this.#leftEpochs.clear()
      return first
    }
    if (next === source) return source
    this.#stood = undefined
    if (outcome === 'halted') this.#leftEpochs.add(source, progress)
    return next
  }

  /**
   * Waits for the next epoch if the last one has halted, or returns that one itself when it is time to retry: the
   * operator of the target may have fixed it. Undefined if the sync was stopped or resumed.
   */
  #after(source: Source, halt: Halt | undefined): Promise<Source | undefined> {
    const { signal } = this.#stopping
    const { clock, random, epochs } = this.#options
    return new Promise((resolve) => {
      const end = (next: Source | undefined): void => {
        unsubscribe()
        cancel()
        signal.removeEventListener('abort', this.#wake)
        this.#wake = () => undefined
        resolve(next)
      }
      const look = (): void => {
        const later = epochs().find(({ base }) => base > source.base)
        if (later !== undefined) end(later)
      }
      const retryMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** this.#retries) * (0.75 + random() / 2)
      this.#retries += halt?.state === 'stalled' ? 1 : 0
      const cancel = halt?.state === 'stalled' ? clock.after(retryMs, () => end(source)) : () => undefined
      const unsubscribe = source.onAppend(look)
      this.#wake = () => end(undefined)
      signal.addEventListener('abort', this.#wake, { once: true })
      look()
      if (signal.aborted) this.#wake()
    })
  }
}
