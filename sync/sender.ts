import { monoMs, pause } from '../base/clock.ts'
import { messageOf } from '../base/thrown.ts'
import { AckedPosition } from './acked-position.ts'
import { Dialogue } from './dialogue.ts'
import type { Probe } from './evidence.ts'
import { contradicts, forkedAt, forkHalt, rollbackHalt, suspicionOf } from './evidence.ts'
import { LastError } from './last-error.ts'
import { nextOutgoing, ownHash, SourceDamagedError } from './outgoing-events.ts'
import { Pace } from './pace.ts'
import { sameBytes } from './protocol/chain-hash.ts'
import type { SenderOptions } from './sender-options.ts'
import type { Happening, Outcome, RunningState, SenderState } from './sender-state.ts'
import { hasArrived, isKnown, isRunning, outcomeOf, senderAfter, UNMET, verdictOn } from './sender-state.ts'
import type { Halt } from './source.ts'
import type { Progress } from './status.ts'
import type { Answer, AnswerOf, Outgoing } from './target.ts'
import { heldIn, staleEpoch } from './target.ts'
import { Wake } from './wake.ts'

const IDLE_CHECKPOINT_MS = 15 * 60_000

/** When the next step follows. */
type Pause = 'none' | { readonly ms: number }

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
  readonly #lastError = new LastError()
  #state: SenderState = UNMET
  #flushAtMs: number | undefined
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
    const halt = await this.#acked.load()
    if (halt !== undefined) this.#happened({ kind: 'halted', halt })
    if (halt !== undefined && !source.ended()) this.#changed()
    // Events of an earlier run have waited: the first event of this one is not a reason to wait again.
    if (this.#acked.seq < source.head().seq) this.#flushAtMs = monoMs(this.#options.clock)
    const unsubscribe = source.onAppend((seq) => this.#appended(seq))
    this.#running = this.#run(unsubscribe)
  }

  /** Resolves when it has stopped. */
  finished(): Promise<Outcome> {
    return this.#running
  }

  get isTokenRefused(): boolean {
    return this.#dialogue.isTokenRefused
  }

  /** In the numbers of the chain. */
  progress(): Progress {
    const { source } = this.#options
    const halt = this.#state.at === 'halted' ? this.#state.halt : undefined
    return {
      ackedSeq: this.#acked.seq,
      headSeq: source.head().seq,
      oldestAtMs: this.#acked.oldestAtMs,
      reachable: this.#state.at !== 'asking',
      halt,
      lastError: halt ?? this.#lastError.present ?? this.#dialogue.lost,
      ackedAtMs: this.#acked.atMs,
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

  async #run(unsubscribe: () => void): Promise<Outcome> {
    const { signal } = this.#stopping
    if (this.#state.at === 'halted') await this.#recount(this.#state.halt).catch(() => undefined)
    while (!signal.aborted && isRunning(this.#state)) {
      const next = await this.#step(this.#state).catch((error: unknown) => this.#broken(error))
      if (next !== 'none') await pause(this.#options.clock, next.ms, signal)
    }
    unsubscribe()
    return outcomeOf(this.#state)
  }

  /**
   * A stored fork stays one, and nothing of it is sent again. Events that the target had of it and has lost since are
   * missing there anyway, and the person who saw the fork did not know of that.
   */
  async #recount({ set_aside: _, ...halt }: Halt): Promise<void> {
    if (halt.state !== 'forked') return
    const { headSeq, head } = heldIn(await this.#dialogue.position())
    if (headSeq >= this.#acked.seq || !sameBytes(head, await ownHash(this.#options.source, headSeq))) return
    await this.#moveBack(headSeq)
    await this.#acked.keep(halt)
    this.#happened({ kind: 'halted', halt })
    this.#changed()
  }

  /** One exchange with the target, or one sleep. */
  #step(state: RunningState): Promise<Pause> {
    switch (state.at) {
      case 'asking':
        return this.#connect(state)
      case 'probing':
        return this.#sendProbe(state.probe)
      case 'sending':
        return this.#send(state, state.unsettled.batch)
      case 'ready':
        return this.#sendNext(state)
      default:
        return state satisfies never
    }
  }

  /** Sends the next batch when it is due; until then it sleeps. */
  async #sendNext(state: RunningState): Promise<Pause> {
    const { source, clock } = this.#options
    const unsent = source.head().seq - this.#acked.seq
    const nowMs = monoMs(clock)
    if (unsent === 0) {
      if (source.ended()) return this.#end('complete')
      const idleMs = this.#dialogue.lastAnswerMs + IDLE_CHECKPOINT_MS - nowMs
      if (idleMs <= 0) return this.#signHead(state)
      await this.#wake.until(this.#acked.seq + 1, idleMs, this.#stopping.signal)
      return 'none'
    }
    const flushMs = unsent < this.#pace.maxEvents && !source.ended() ? (this.#flushAtMs ?? nowMs) - nowMs : 0
    if (flushMs > 0) {
      await this.#wake.until(this.#acked.seq + this.#pace.maxEvents, flushMs, this.#stopping.signal)
      return 'none'
    }
    const batch = await nextOutgoing(source, this.#acked.seq, this.#pace, this.#options.yieldNow)
    if (batch === undefined) throw new SourceDamagedError(this.#acked.seq + 1)
    this.#flushAtMs = undefined
    return this.#send(state, batch)
  }

  async #connect(state: RunningState): Promise<Pause> {
    const answer = await this.#dialogue.position()
    if (answer.kind === 'position') return this.#adopt(answer)
    return answer.kind === 'unknown_chain' ? this.#register(state) : this.#trouble(answer)
  }

  async #register({ contact }: RunningState): Promise<Pause> {
    const { target, source, log, isAskedAgain = false } = this.#options
    // The target had this chain and lost it, or was unreachable when the earlier ones were asked: it may miss their
    // last events, which it must have first.
    const mayLackThose = contact.past === 'known' || (contact.past === 'hindered' && !isAskedAgain)
    if (source.base > 0 && mayLackThose) return this.#end('forgotten')
    const answer = await this.#dialogue.register()
    // It will take nothing of this epoch: everything that it had is missing there.
    if (answer.kind === 'stale_epoch' && this.#acked.seq > 0) await this.#moveBack(0)
    if (answer.kind !== 'registered') return this.#trouble(answer)
    this.#happened({ kind: 'registered' })
    if (contact.isRegistered) return after(this.#pace.nextDelayMs())
    log.info({ target: target.id }, 'the target has registered this journal')
    return 'none'
  }

  /** The target's head means something only if its hash is ours. */
  async #adopt({ headSeq, head, forked, newestEpoch = 0, newest }: AnswerOf<'position'>): Promise<Pause> {
    const { source } = this.#options
    const local = source.head().seq
    if (newestEpoch >= source.chain.epoch && !source.ended()) return this.#trouble(staleEpoch(newestEpoch, newest))
    const probe = await suspicionOf(source, { seq: headSeq, head }, forked)
    if (probe !== undefined) {
      this.#happened({ kind: 'position', shows: probe })
    } else if (headSeq < this.#acked.seq) {
      await this.#rewind(headSeq, { kind: 'position', shows: 'loss' })
    } else if (headSeq > this.#acked.seq && hasArrived(this.#state, headSeq)) {
      this.#happened({ kind: 'position', shows: 'arrival' })
      this.#pace.arrived()
      await this.#acked.moveTo(headSeq)
    } else {
      this.#happened({ kind: 'position', shows: 'agreement' })
      if (headSeq === this.#acked.seq && headSeq === local) this.#lastError.complete()
    }
    this.#changed()
    return 'none'
  }

  async #sendProbe(probe: Probe): Promise<Pause> {
    const { source } = this.#options
    const batch = await nextOutgoing(source, probe.after, { maxEvents: 1, maxBytes: 1 })
    if (batch === undefined) throw new SourceDamagedError(probe.after + 1)
    const answer = await this.#dialogue.deliver(batch)
    if (answer.kind !== 'acked') return this.#trouble(answer)
    if (probe.suspicion === 'fork' || contradicts(answer, batch))
      return this.#failed('wrong_head', 'The target contradicts itself about its head.')
    // Events that we lost before we began the next epoch: that one records it, and the target keeps them.
    if (source.ended()) {
      this.#happened({ kind: 'surpassed' })
      await this.#acked.moveTo(batch.last)
      return 'none'
    }
    const { stored } = probe
    return this.#halt(await this.#dialogue.judged(rollbackHalt(source, batch.last, stored), batch.last + 1, stored.seq))
  }

  async #send(state: RunningState, batch: Outgoing): Promise<Pause> {
    this.#happened({ kind: 'sent', batch })
    const answer = await this.#dialogue.deliver(batch)
    if (answer.kind === 'acked') return this.#acknowledged(answer, batch)
    if (answer.kind === 'gap') return this.#gap(answer)
    if (answer.kind === 'refused' || answer.kind === 'too_large') return this.#refused(state, answer, batch)
    return this.#trouble(answer)
  }

  async #signHead(state: RunningState): Promise<Pause> {
    const { source } = this.#options
    const { seq, hash } = source.head()
    const checkpoint = source.checkpoint(seq, hash)
    // Without a signature the target is asked for its position instead.
    if (checkpoint === undefined) return this.#connect(state)
    const answer = await this.#dialogue.checkpoint({ seq, head: hash, checkpoint })
    if (answer.kind === 'refused' || answer.kind === 'too_large') return 'none'
    if (answer.kind === 'gap') return this.#gap(answer)
    if (answer.kind !== 'acked') return this.#trouble(answer)
    if (answer.ackedSeq !== seq || !sameBytes(answer.head, hash)) this.#happened({ kind: 'unclear' })
    else if (this.#lastError.complete()) this.#changed()
    return 'none'
  }

  /** The cursor moves only if the receiver's head is our own hash at that place. */
  async #acknowledged({ ackedSeq, head, credit }: AnswerOf<'acked'>, batch: Outgoing): Promise<Pause> {
    if (ackedSeq > batch.last) return this.#failed('wrong_ack', 'The target acknowledges more than it was sent.')
    const own = batch.hashes[ackedSeq - batch.first] ?? (await ownHash(this.#options.source, ackedSeq))
    if (!sameBytes(own, head))
      return this.#failed('wrong_head', 'The target acknowledges another journal than this one.')
    // A late answer to an older batch, or to a batch that was not taken: an acknowledgement never moves the cursor
    // back.
    if (ackedSeq <= this.#acked.seq) return this.#failed('late_ack', 'The target acknowledges what it had before.')
    this.#happened({ kind: 'acknowledged' })
    this.#lastError.acknowledged(ackedSeq, this.#options.source.head().seq)
    this.#pace.succeeded(credit)
    await this.#acked.acknowledge(ackedSeq)
    this.#changed()
    return after(this.#pace.minIntervalMs)
  }

  async #gap({ expectedSeq, head }: AnswerOf<'gap'>): Promise<Pause> {
    const probe = await suspicionOf(this.#options.source, { seq: expectedSeq - 1, head })
    if (probe !== undefined) this.#happened({ kind: 'gap', shows: probe })
    else if (expectedSeq <= this.#acked.seq) await this.#rewind(expectedSeq - 1, { kind: 'gap', shows: 'loss' })
    else return this.#failed('wrong_gap', 'The target misses what it has.')
    return after(this.#pace.nextDelayMs())
  }

  async #rewind(ackedSeq: number, happening: Happening): Promise<void> {
    // An empty disk or stream has also lost the epochs before, about which it was asked before this one.
    const isForgotten = ackedSeq === 0 && isKnown(this.#state) && this.#options.source.base > 0
    this.#happened(happening)
    await this.#moveBack(ackedSeq)
    if (isForgotten) this.#happened({ kind: 'ended', as: 'forgotten' })
  }

  async #moveBack(ackedSeq: number): Promise<void> {
    const { target, log } = this.#options
    this.#lastError.forgotten(this.#acked.seq)
    log.warn(
      { target: target.id, code: 'receiver_rewind', acked: this.#acked.seq, seq: ackedSeq },
      'the target lost events',
    )
    await this.#acked.moveTo(ackedSeq)
  }

  async #refused(
    { contact }: RunningState,
    { kind, code, message }: AnswerOf<'refused' | 'too_large'>,
    batch: Outgoing,
  ): Promise<Pause> {
    const count = batch.hashes.length
    const verdict = verdictOn(contact, count, kind)
    this.#happened({ kind: 'refused', verdict })
    this.#lastError.note(code, message)
    this.#changed()
    if (verdict === 'halt')
      return this.#halt({ state: 'stalled', code, message: `Event ${batch.first} is refused: ${message}` })
    if (verdict === 'fewer') this.#pace.bisect(count)
    return after(this.#pace.nextDelayMs())
  }

  async #trouble(answer: Answer): Promise<Pause> {
    this.#happened({ kind: 'hindered' })
    switch (answer.kind) {
      case 'busy':
        this.#happened({ kind: 'busy' })
        this.#pace.halve(this.#pace.maxEvents)
        this.#lastError.note('busy', 'The target asks to wait.')
        this.#changed()
        return after(this.#pace.delayAfterMs(answer.retryAfterMs))
      case 'fork':
        return this.#halt(
          await this.#dialogue.judged(forkHalt(this.#options.source, answer.evidence), forkedAt(answer)),
        )
      case 'stale_epoch':
        return this.#halt({ state: 'stalled', code: 'stale_epoch', message: this.#dialogue.epochClaim(answer) })
      case 'unknown_chain':
        return this.#failed('unknown_chain', 'The target no longer knows this journal.')
      case 'unknown':
      case 'denied':
      case 'refused':
      case 'too_large':
        return this.#failed(answer.code, `${answer.message}${this.#dialogue.hint(answer.code)}`)
      default:
        return this.#failed('unexpected_answer', `The target answers with ${answer.kind}.`)
    }
  }

  /** The target is unreachable or sends invalid answers: retry later, after asking for its position. */
  #failed(code: string, message: string): Pause {
    const { log, target } = this.#options
    if (this.#stopping.signal.aborted) return 'none'
    const delayMs = this.#pace.nextDelayMs()
    this.#happened({ kind: 'unclear' })
    this.#lastError.note(code, message)
    log.warn({ target: target.id, code, retry_ms: Math.round(delayMs), acked: this.#acked.seq }, message)
    this.#changed()
    return after(delayMs)
  }

  async #broken(error: unknown): Promise<Pause> {
    return error instanceof SourceDamagedError
      ? this.#halt({ state: 'stalled', code: 'journal_damaged', message: error.message })
      : this.#failed('internal_error', messageOf(error))
  }

  #end(as: 'complete' | 'forgotten'): Pause {
    this.#happened({ kind: 'ended', as })
    return 'none'
  }

  async #halt(halt: Halt): Promise<Pause> {
    const { log, target } = this.#options
    this.#happened({ kind: 'halted', halt })
    log.error({ target: target.id, code: halt.code, acked: this.#acked.seq }, halt.message)
    // A restart finds the other halts again; a fork stays one whatever the target answers later.
    if (halt.state === 'forked') await this.#acked.keep(halt)
    this.#changed()
    return 'none'
  }

  #happened(happening: Happening): void {
    this.#state = senderAfter(this.#state, happening)
  }

  #changed(): void {
    this.#options.onChange?.()
  }
}

function after(ms: number): Pause {
  return ms > 0 ? { ms } : 'none'
}
