import type { Clock } from '../base/clock.ts'
import { monoMs } from '../base/clock.ts'
import { verifiedFork } from './evidence.ts'
import type { SignedHead } from './protocol/chain-hash.ts'
import type { Log } from './protocol/log.ts'
import { Skew } from './skew.ts'
import type { Halt, Source, TargetClaim } from './source.ts'
import type { Answer, AnswerOf, Outgoing, Target } from './target.ts'
import { epochClaim, headProof, proofOf, shownIn, unproven } from './target-claims.ts'
import { TokenRefusal } from './token-refusal.ts'

export type DialogueOptions = {
  readonly source: Pick<Source, 'chain' | 'ended' | 'head' | 'hashAt'>
  readonly target: Target
  readonly clock: Clock
  readonly log: Log
  readonly onRefusedSecret?: (() => void) | undefined
}

/** Codes of a token or certificate that cannot be used or read. */
const UNUSABLE = /^(ERR_(OSSL|TLS|SSL|CRYPTO)|(token|certificate)-unreadable$|(ca_file|secret)_invalid$)/

/** Asks a target about one chain. Each answer also shows its clock, and whether it accepts our token. */
export class Dialogue {
  readonly #options: DialogueOptions
  readonly #signal: AbortSignal
  readonly #skew: Skew
  readonly #tokenRefusal: TokenRefusal
  #answeredAtMs = 0
  #lost: { code: string; message: string } | undefined

  /** A question ends soon after `signal` aborts. */
  constructor(options: DialogueOptions, signal: AbortSignal) {
    const { clock, log, target } = options
    this.#options = options
    this.#signal = signal
    this.#skew = new Skew(clock, log, target.id)
    this.#tokenRefusal = new TokenRefusal(clock)
  }

  /** When the last answer came, by the monotonic clock; 0 before the first. */
  get lastAnswerMs(): number {
    return this.#answeredAtMs
  }

  /** The target's clock minus ours; undefined before its first answer. */
  get skewMs(): number | undefined {
    return this.#skew.ms
  }

  /**
   * Events that the target has lost permanently: it keeps the later ones, and a receiver that reads from it may have
   * the rest.
   */
  get lost(): { readonly code: string; readonly message: string } | undefined {
    return this.#lost
  }

  /** True if the target has refused our token for more than a quarter of an hour. */
  get isTokenRefused(): boolean {
    return this.#tokenRefusal.isLong
  }

  /** A note on how a difference of the clocks may explain that error; empty if it does not. */
  hint(code: string): string {
    return this.#skew.hint(code)
  }

  position(): Promise<Answer> {
    const { target, source } = this.#options
    return this.#noted(target.position(source.chain, this.#signal))
  }

  register(): Promise<Answer> {
    const { target, source } = this.#options
    return this.#noted(target.register(source.chain, this.#signal))
  }

  deliver(batch: Outgoing): Promise<Answer> {
    const { target, source } = this.#options
    return this.#noted(target.deliver(source.chain, batch, this.#signal))
  }

  checkpoint(head: SignedHead): Promise<Answer> {
    const { target, source } = this.#options
    return this.#noted(target.checkpoint(source.chain, head, this.#signal))
  }

  /**
   * Judges a claim of the target. It is acted upon only with a head at event `from` or later that the key of the chain
   * has signed and the journal does not have: shown with the claim, or on request.
   */
  async judged(claim: TargetClaim, from: number, upTo = Number.MAX_SAFE_INTEGER): Promise<Halt> {
    const { target, source } = this.#options
    const shown = await proofOf(source, from, shownIn(claim.evidence))
    const proof = shown ?? (await proofOf(source, from, await target.signedHead(source.chain, upTo, this.#signal)))
    return proof === undefined ? unproven(claim) : { ...claim, proof: headProof(proof) }
  }

  /** The message for a person about the claim that another copy of the journal continues there. */
  epochClaim(answer: AnswerOf<'stale_epoch'>): string {
    return epochClaim(this.#options.source, answer)
  }

  async #noted(answering: Promise<Answer>): Promise<Answer> {
    const answer = await answering
    this.#answeredAtMs = monoMs(this.#options.clock)
    this.#skew.note(answer.serverMs)
    if ('firstSeq' in answer && answer.firstSeq !== undefined) this.#beginsWith(answer.firstSeq)
    this.#tokenRefusal.note(answer)
    if (answer.kind === 'denied' || (answer.kind === 'unknown' && UNUSABLE.test(answer.code)))
      this.#options.onRefusedSecret?.()
    return answer.kind === 'fork' ? verifiedFork(this.#options.source, answer) : answer
  }

  #beginsWith(seq: number): void {
    const { log, target } = this.#options
    if (seq <= 1) {
      this.#lost = undefined
    } else if (this.#lost === undefined) {
      const message = `The target begins with event ${seq}: earlier ones were deleted.`
      this.#lost = { code: 'message_missing', message }
      log.warn({ target: target.id, code: this.#lost.code, seq }, message)
    }
  }
}
