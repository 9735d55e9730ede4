import { monoMs, pause } from '../base/clock.ts'
import { messageOf } from '../base/thrown.ts'
import { AckedPosition } from './acked-position.ts'
import { Dialogue } from './dialogue.ts'
import type { Probe } from './evidence.ts'
import { contradicts, forkedAt, forkHalt, rollbackHalt } from './evidence.ts'
import { InFlight } from './in-flight.ts'
import { LastError } from './last-error.ts'
import { nextOutgoing, ownHash, SourceDamagedError } from './outgoing-events.ts'
import { Pace } from './pace.ts'
import { sameBytes } from './protocol/chain-hash.ts'
import type { SenderOptions } from './sender-options.ts'
import type { Halt } from './source.ts'
import type { Progress } from './status.ts'
import type { Answer, AnswerOf, Outgoing } from './target.ts'
import { heldIn, staleEpoch } from './target.ts'
import { Wake } from './wake.ts'

const IDLE_CHECKPOINT_MS = 15 * 60_000
const REFUSALS = 3

/**
 * Why a sender no longer runs: all of an ended epoch is acknowledged; a person must look; the target lost the chain
 * after it had it; it was closed.
 */
export type Outcome = 'complete' | 'halted' | 'forgotten' | 'closed'

/**
 * Sends one epoch of a journal to one target: complete, in order, one batch in flight, for as long as it takes. The
 * receiver reports its head, the journal has the events; the cursor only remembers. Nothing is skipped, nothing
 * deleted.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #pace: Pace
  readonly #wake: Wake
  readonly #stopping = new AbortController()
  readonly #dialogue: Dialogue
  readonly #acked: AckedPosition
  #halt: Halt | undefined
  readonly #lastError = new LastError()
  #connected = false
  /** The target has had this chain since the start. */
  #known = false
  /** Since the start it was unreachable, or asked to wait. */
  #hindered = false
  #registrations = 0
  readonly #inFlight = new InFlight()
  #probe: Probe | undefined
  #refusals = 0
  #ackedAtMs: number | undefined
  #flushAtMs: number | undefined
  #unsubscribe: () => void = () => undefined
  #outcome: Outcome | undefined
  #running: Promise<Outcome> = Promise.resolve('closed')

  constructor(options: SenderOptions) {
    this.#options = options
    const { source, target, cursor, clock, log, random, onRefusedSecret } = options
    this.#dialogue = new Dialogue({ source, target, clock, log, onRefusedSecret }, this.#stopping.signal)
    this.#acked = new AckedPosition(source, cursor, clock)
    this.#pace = new Pace(target.limits, random)
    this.#wake = new Wake(clock)
  }

  /** Reads the cursor and begins; an unreachable target does not reject. Throws as `cursor.load` does. */
  async open(): Promise<void> {
    const { source } = this.#options
    this.#halt = await this.#acked.load()
    if (this.#halt !== undefined && !source.ended()) this.#changed()
    // Events of an earlier run have waited: the first event of this one is not a reason to wait again.
    if (this.#acked.seq < source.head().seq) this.#flushAtMs = monoMs(this.#options.clock)
    this.#unsubscribe = source.onAppend((seq) => this.#appended(seq))
    this.#running = this.#run()
  }

  /** Resolves when it has stopped. */
  finished(): Promise<Outcome> {
    return this.#running
  }

  /** In the numbers of the chain. */
  progress(): Progress {
    const { source } = this.#options
    return {
      ackedSeq: this.#acked.seq,
      headSeq: source.head().seq,
      oldestAtMs: this.#acked.oldestAtMs,
      reachable: this.#connected,
      halt: this.#halt,
      lastError: this.#halt ?? this.#lastError.present ?? this.#dialogue.lost,
      ackedAtMs: this.#ackedAtMs,
      skewMs: this.#dialogue.skewMs,
    }
  }

  /** Stops the transfer in flight; the next start sends it again. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  #appended(headSeq: number): void {
    const { clock, target, random, source } = this.#options
    if (source.ended()) {
      this.#wake.now()
      return
    }
    this.#acked.grown()
    this.#flushAtMs ??= monoMs(clock) + target.limits.flushMs * (0.75 + random() / 2)
    this.#wake.grown(headSeq)
  }

  async #run(): Promise<Outcome> {
    const { signal } = this.#stopping
    if (this.#halt?.state === 'forked') await this.#recount(this.#halt).catch(() => undefined)
    while (!signal.aborted && this.#halt === undefined && this.#outcome === undefined) {
      const delayMs = await this.#step().catch((error: unknown) => this.#broken(error))
      if (delayMs > 0) await pause(this.#options.clock, delayMs, signal)
    }
    this.#unsubscribe()
    return this.#halt === undefined ? (this.#outcome ?? 'closed') : 'halted'
  }

  /**
   * A stored fork stays one, and nothing of it is sent again. Events that the target had of it and has lost since are
   * missing there anyway, and the person who saw the fork did not know of that.
   */
  async #recount({ setAside: _, ...halt }: Halt): Promise<void> {
    const { headSeq, head } = heldIn(await this.#dialogue.position())
    if (headSeq >= this.#acked.seq || !sameBytes(head, await ownHash(this.#options.source, headSeq))) return
    await this.#rewind(headSeq)
    await this.#acked.keep(halt)
    this.#halt = halt
    this.#changed()
  }

  /** One exchange with the target, or one sleep. Returns the time to wait before the next. */
  async #step(): Promise<number> {
    const { source, clock } = this.#options
    if (!this.#connected) return this.#connect()
    if (this.#probe !== undefined) return this.#ask(this.#probe)
    if (this.#inFlight.batch !== undefined) return this.#send(this.#inFlight.batch)
    const unsent = source.head().seq - this.#acked.seq
    const nowMs = monoMs(clock)
    if (unsent === 0) {
      if (source.ended()) return this.#end('complete')
      const idleMs = this.#dialogue.lastAnswerMs + IDLE_CHECKPOINT_MS - nowMs
      if (idleMs <= 0) return this.#signHead()
      await this.#wake.until(this.#acked.seq + 1, idleMs, this.#stopping.signal)
      return 0
    }
    const flushMs = unsent < this.#pace.maxEvents && !source.ended() ? (this.#flushAtMs ?? nowMs) - nowMs : 0
    if (flushMs > 0) {
      await this.#wake.until(this.#acked.seq + this.#pace.maxEvents, flushMs, this.#stopping.signal)
      return 0
    }
    const batch = await nextOutgoing(source, this.#acked.seq, this.#pace, this.#options.yieldNow)
    if (batch === undefined) throw new SourceDamagedError(this.#acked.seq + 1)
    this.#flushAtMs = undefined
    return this.#send(batch)
  }

  async #connect(): Promise<number> {
    const answer = await this.#dialogue.position()
    if (answer.kind === 'position') return this.#adopt(answer)
    return answer.kind === 'unknown-chain' ? this.#register() : this.#trouble(answer)
  }

  async #register(): Promise<number> {
    const { target, source, log, isAskedAgain = false } = this.#options
    // The target had this chain and lost it, or was unreachable when the earlier ones were asked: it may miss their
    // last events, which it must have first.
    const mayLackThose = this.#known || (this.#hindered && !isAskedAgain)
    if (source.base > 0 && mayLackThose) return this.#end('forgotten')
    const answer = await this.#dialogue.register()
    // It will take nothing of this epoch: everything that it had is missing there.
    if (answer.kind === 'stale-epoch' && this.#acked.seq > 0) await this.#rewind(0)
    if (answer.kind !== 'registered') return this.#trouble(answer)
    this.#registrations += 1
    // A target that reports no chain before its first event receives that event; whatever it has, it then reports.
    this.#connected = this.#registrations > 1
    if (!this.#connected) log.info({ target: target.id }, 'the target has registered this journal')
    return this.#connected ? this.#pace.nextDelayMs() : 0
  }

  /** The target's head means something only if its hash is ours. */
  async #adopt({ headSeq, head, forked, newestEpoch = 0, newest }: AnswerOf<'position'>): Promise<number> {
    const { source } = this.#options
    const local = source.head().seq
    if (newestEpoch >= source.chain.epoch && !source.ended()) return this.#trouble(staleEpoch(newestEpoch, newest))
    this.#connected = true
    if (headSeq > local) {
      this.#probe = { after: local - 1, suspicion: 'rollback', stored: { seq: headSeq, head } }
    } else if (forked || !sameBytes(head, await ownHash(source, headSeq))) {
      this.#probe = { after: Math.max(0, headSeq - 1), suspicion: 'fork' }
    } else if (headSeq < this.#acked.seq) {
      await this.#rewind(headSeq)
    } else if (headSeq > this.#acked.seq && this.#inFlight.isThere(headSeq)) {
      this.#inFlight.settle()
      this.#pace.arrived()
      await this.#acked.moveTo(headSeq)
    } else if (headSeq === this.#acked.seq && headSeq === local) {
      this.#lastError.complete()
    }
    this.#known = true
    this.#changed()
    return 0
  }

  async #ask(probe: Probe): Promise<number> {
    const { source } = this.#options
    const batch = await nextOutgoing(source, probe.after, { maxEvents: 1, maxBytes: 1 })
    if (batch === undefined) throw new SourceDamagedError(probe.after + 1)
    const answer = await this.#dialogue.deliver(batch)
    this.#probe = undefined
    if (answer.kind !== 'acked') return this.#trouble(answer)
    if (probe.suspicion === 'fork' || contradicts(answer, batch))
      return this.#failed('wrong-head', 'The target contradicts itself about its head.')
    // Events that we lost before we began the next epoch: that one records it, and the target keeps them.
    if (probe.suspicion === 'rollback' && source.ended()) {
      await this.#acked.moveTo(batch.last)
      return 0
    }
    const { stored } = probe
    await this.#stop(await this.#dialogue.judged(rollbackHalt(source, batch.last, stored), batch.last + 1, stored.seq))
    return 0
  }

  async #send(batch: Outgoing): Promise<number> {
    this.#inFlight.sent(batch)
    const answer = await this.#dialogue.deliver(batch)
    if (answer.kind === 'acked') return this.#acknowledged(answer, batch)
    if (answer.kind === 'gap') return this.#gap(answer)
    if (answer.kind === 'refused' || answer.kind === 'too-large') return this.#refused(answer, batch)
    return this.#trouble(answer)
  }

  async #signHead(): Promise<number> {
    const { source } = this.#options
    const { seq, hash } = source.head()
    const checkpoint = source.checkpoint(seq, hash)
    // Without a signature the target is asked for its position instead.
    if (checkpoint === undefined) return this.#connect()
    const answer = await this.#dialogue.checkpoint({ seq, head: hash, checkpoint })
    if (answer.kind === 'refused' || answer.kind === 'too-large') return 0
    if (answer.kind === 'acked') {
      // The answer names another head than the signed one: ask for its position before sending more.
      this.#connected = answer.ackedSeq === seq && sameBytes(answer.head, hash)
      if (this.#connected && this.#lastError.complete()) this.#changed()
      return 0
    }
    return answer.kind === 'gap' ? this.#gap(answer) : this.#trouble(answer)
  }

  /** The cursor moves only if the receiver's head is our own hash at that place. */
  async #acknowledged({ ackedSeq, head, credit }: AnswerOf<'acked'>, batch: Outgoing): Promise<number> {
    if (ackedSeq > batch.last) return this.#failed('wrong-ack', 'The target acknowledges more than it was sent.')
    const own = batch.hashes[ackedSeq - batch.first] ?? (await ownHash(this.#options.source, ackedSeq))
    if (!sameBytes(own, head))
      return this.#failed('wrong-head', 'The target acknowledges another journal than this one.')
    // A late answer to an older batch, or to a batch that was not taken: an acknowledgement never moves the cursor
    // back.
    if (ackedSeq <= this.#acked.seq) return this.#failed('late-ack', 'The target acknowledges what it had before.')
    this.#inFlight.settle()
    this.#refusals = 0
    this.#lastError.acknowledged(ackedSeq, this.#options.source.head().seq)
    this.#pace.succeeded(credit)
    this.#ackedAtMs = this.#options.clock.now()
    await this.#acked.moveTo(ackedSeq)
    this.#changed()
    return this.#pace.minIntervalMs
  }

  async #gap({ expectedSeq, head }: AnswerOf<'gap'>): Promise<number> {
    const { source } = this.#options
    const local = source.head().seq
    if (expectedSeq > local + 1) {
      this.#probe = { after: local - 1, suspicion: 'rollback', stored: { seq: expectedSeq - 1, head } }
    } else if (!sameBytes(head, await ownHash(source, expectedSeq - 1))) {
      this.#probe = { after: Math.max(0, expectedSeq - 2), suspicion: 'fork' }
    } else if (expectedSeq <= this.#acked.seq) {
      await this.#rewind(expectedSeq - 1)
    } else {
      return this.#failed('wrong-gap', 'The target misses what it has.')
    }
    this.#inFlight.settle()
    return this.#pace.nextDelayMs()
  }

  async #rewind(ackedSeq: number): Promise<void> {
    const { target, log } = this.#options
    this.#lastError.forgotten(this.#acked.seq)
    log.warn(
      { target: target.id, code: 'receiver-rewind', acked: this.#acked.seq, seq: ackedSeq },
      'the target lost events',
    )
    this.#inFlight.settle()
    await this.#acked.moveTo(ackedSeq)
    // An empty disk or stream has also lost the epochs before, about which it was asked before this one.
    if (ackedSeq === 0 && this.#known && this.#options.source.base > 0) this.#end('forgotten')
  }

  /** Read from disk and verified again each time, halved after three, never skipped. */
  async #refused({ kind, code, message }: AnswerOf<'refused' | 'too-large'>, batch: Outgoing): Promise<number> {
    const count = batch.hashes.length
    this.#inFlight.settle()
    this.#lastError.note(code, message)
    this.#refusals += 1
    this.#changed()
    const final = this.#refusals >= REFUSALS
    if (final && count === 1) {
      await this.#stop({ state: 'stalled', code, message: `Event ${batch.first} is refused: ${message}` })
      return 0
    }
    if (count > 1 && (final || kind === 'too-large')) {
      this.#refusals = 0
      this.#pace.bisect(count)
    }
    return this.#pace.nextDelayMs()
  }

  async #trouble(answer: Answer): Promise<number> {
    this.#hindered = true
    switch (answer.kind) {
      case 'busy':
        this.#inFlight.settle()
        this.#pace.halve(this.#pace.maxEvents)
        this.#lastError.note('busy', 'The target asks to wait.')
        this.#changed()
        return this.#pace.delayAfterMs(answer.retryAfterMs)
      case 'fork':
        await this.#stop(await this.#dialogue.judged(forkHalt(this.#options.source, answer.evidence), forkedAt(answer)))
        return 0
      case 'stale-epoch':
        await this.#stop({ state: 'stalled', code: 'stale-epoch', message: this.#dialogue.epochClaim(answer) })
        return 0
      case 'unknown-chain':
        return this.#failed('unknown-chain', 'The target no longer knows this journal.')
      case 'unknown':
      case 'denied':
      case 'refused':
      case 'too-large':
        return this.#failed(answer.code, `${answer.message}${this.#dialogue.hint(answer.code)}`)
      default:
        return this.#failed('unexpected-answer', `The target answers with ${answer.kind}.`)
    }
  }

  /** The target is unreachable or sends invalid answers: retry later, after asking for its position. */
  #failed(code: string, message: string): number {
    const { log, target } = this.#options
    if (this.#stopping.signal.aborted) return 0
    const delayMs = this.#pace.nextDelayMs()
    this.#connected = false
    this.#lastError.note(code, message)
    log.warn({ target: target.id, code, retry_ms: Math.round(delayMs), acked: this.#acked.seq }, message)
    this.#changed()
    return delayMs
  }

  async #broken(error: unknown): Promise<number> {
    if (error instanceof SourceDamagedError) {
      await this.#stop({ state: 'stalled', code: 'journal_damaged', message: error.message })
      return 0
    }
    return this.#failed('internal-error', messageOf(error))
  }

  #end(outcome: Outcome): number {
    this.#outcome = outcome
    return 0
  }

  async #stop(halt: Halt): Promise<void> {
    const { log, target } = this.#options
    this.#halt = halt
    log.error({ target: target.id, code: halt.code, acked: this.#acked.seq }, halt.message)
    // A restart finds the other halts again; a fork stays one whatever the target answers later.
    if (halt.state === 'forked') await this.#acked.keep(halt)
    this.#changed()
  }

  #changed(): void {
    this.#options.onChange?.()
  }
}
