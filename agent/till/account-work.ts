import type { Clock } from '../../base/clock.ts'
import { monoMs, parseRfc3339 } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Authority, AuthorityAccount, RefusedLogin } from '../../drivers/ports/authority.ts'
import type { DutyProgress } from '../journal/documents/records.ts'
import type { InParts } from '../laws/law.ts'
import { DutyOrder } from './duty-order.ts'
import { credentialsDutyOf, dutyId, isFulfilled, progressOf } from './duty-records.ts'
import type { Step } from './duty-rules.ts'
import type { AutomaticDuty, TryOptions } from './duty-try.ts'
import { laterMs, tryDuty } from './duty-try.ts'
import { isServedBy, merchantsIn } from './served-accounts.ts'
import type { Duties } from './shared-list.ts'
import { readInSlices, Slice } from './slices.ts'

export type WorkOptions = Omit<TryOptions, 'sentAgoMs' | 'print' | 'retryMs'> & {
  readonly authority: Authority
  readonly log: Log
  readonly duties: Duties
  /** Between 0 and 1. */
  readonly random: () => number
}

/** The list is read again at the latest after that time. */
export const LOOK_MS = 60_000
/** Each pause is up to a fifth shorter or longer, so that agents do not come together. */
const SPREAD = 0.2

/** The state of an account, as the desk reports it. */
export type AccountState = {
  readonly account: AuthorityAccount
  /** Undefined while its credentials may be tried. */
  readonly refused: RefusedLogin | undefined
  /** No call has got a usable answer, at most since the start; undefined after one that did, or with nothing to send. */
  readonly silence: { readonly forMs: number; readonly sinceMs: number } | undefined
  /** The duty to correct its credentials, while they are refused. */
  readonly credentialsDuty: string | undefined
  /** Due date of the most urgent duty that waits for its turn. */
  readonly due: string | undefined
}

/** Pauses of an account or duty that double; `untilMs` of the monotonic clock: the wall clock may be set. */
type Backoff = { failures: number; untilMs: number }

/** The duties of one account. */
export class AccountWork {
  readonly #options: WorkOptions
  readonly #account: AuthorityAccount
  readonly #pause: Backoff = { failures: 0, untilMs: 0 }
  readonly #duties = new Map<string, Backoff>()
  /** The newest request of each duty: its journalled time, and that of the monotonic clock. */
  readonly #sent = new Map<string, { readonly at: string; readonly ms: number }>()
  #refused: RefusedLogin | undefined
  #credentialsDuty: string | undefined
  /** Its begin by the monotonic clock and, to be shown, by the wall clock. */
  #silence: { readonly fromMs: number; readonly sinceMs: number } | undefined
  #due: string | undefined
  #lastTried = ''

  constructor(options: WorkOptions, account: AuthorityAccount) {
    this.#options = options
    this.#account = account
    this.#silence = silenceFrom(options.clock)
  }

  state(): AccountState {
    const begun = this.#silence
    const silence = begun && { forMs: monoMs(this.#options.clock) - begun.fromMs, sinceMs: begun.sinceMs }
    return {
      account: this.#account,
      refused: this.#refused,
      credentialsDuty: this.#credentialsDuty,
      silence,
      due: this.#due,
    }
  }

  /** At most one try. Resolves to the time to wait for the next one. */
  async turn(signal: AbortSignal): Promise<number> {
    this.#refused = await this.#account.refused()
    const nowMs = monoMs(this.#options.clock)
    if (this.#refused !== undefined) {
      // It is not silence if nothing is called.
      this.#silence = undefined
      this.#credentialsDuty = await this.#dutyOfCredentials()
      return LOOK_MS
    }
    if (this.#pause.untilMs > nowMs) return this.#pause.untilMs - nowMs
    const print = await this.#account.print()
    const open = await this.#open(print)
    this.#due = open.map(({ task }) => task.due).sort()[0]
    if (open.length === 0) this.#silence = undefined
    const ready = open.filter(({ task }) => this.#untilMs(task.id) <= nowMs)
    // In turn, so that one that fails each time does not hold the others.
    ready.sort((left, right) => (left.task.id < right.task.id ? -1 : 1))
    const duty = ready.find(({ task }) => task.id > this.#lastTried) ?? ready[0]
    if (duty === undefined) {
      if (open.length === 0) await this.#account.logOut(signal)
      return this.#nextMs(open)
    }
    this.#lastTried = duty.task.id
    const retryMs = this.#delayMs(this.#duties.get(duty.task.id)?.failures ?? 0)
    const sentAgoMs = (before: DutyProgress | undefined) => this.#sentAgoMs(duty.task.id, before?.sent_at)
    const step = await tryDuty({ ...this.#options, sentAgoMs, print, retryMs }, this.#account, duty, signal)
    this.#note(duty.task.id, step, retryMs)
    return 0
  }

  /** A person has sent it: no pause counts. */
  retry(op: string): void {
    for (const task of this.#duties.keys()) if (dutyId(task) === op) this.#duties.delete(task)
    this.#pause.untilMs = 0
  }

  /** The duties that can be sent now: of each unit or register only the first, as the others must follow it. */
  async #open(account: string | undefined): Promise<AutomaticDuty[]> {
    const { clock } = this.#options
    const automatic = await this.#automatic()
    return readInSlices(this.#openIn(automatic, account), new Slice(clock))
  }

  async #automatic(): Promise<readonly AutomaticDuty[]> {
    return (await this.#options.duties.read()).filter((duty): duty is AutomaticDuty => duty.act !== undefined)
  }

  *#openIn(automatic: readonly AutomaticDuty[], account: string | undefined): InParts<AutomaticDuty> {
    const { mode } = this.#options.authority
    const { view } = this.#options.journal
    const merchants = merchantsIn(automatic)
    const order = new DutyOrder(view, mode)
    for (const duty of automatic) {
      const isOpen =
        isServedBy(this.#account, duty.act.merchant, merchants) &&
        !isFulfilled(view, duty.task.id, mode) &&
        order.blockOf(duty, account) === undefined
      yield isOpen ? duty : undefined
    }
  }

  async #dutyOfCredentials(): Promise<string | undefined> {
    const automatic = await this.#automatic()
    const merchants = merchantsIn(automatic)
    const served = automatic.find(({ act }) => isServedBy(this.#account, act.merchant, merchants))
    return served && credentialsDutyOf(served.act.merchant)
  }

  #nextMs(open: readonly AutomaticDuty[]): number {
    const times = open.map(({ task }) => this.#untilMs(task.id))
    const nextMs = Math.min(...times, Number.MAX_SAFE_INTEGER) - monoMs(this.#options.clock)
    return Math.max(1, Math.min(LOOK_MS, nextMs))
  }

  /** Before its first try since the start: the journalled time. */
  #untilMs(task: string): number {
    const { journal, clock, authority } = this.#options
    const known = this.#duties.get(task)
    if (known !== undefined) return known.untilMs
    const progress = progressOf(journal.view, task, authority.mode)
    const waitMs = waitAtStart(progress, clock.now(), authority.timing.checkAgainMs)
    if (waitMs === 0) return 0
    const untilMs = monoMs(clock) + waitMs
    this.#duties.set(task, { failures: 0, untilMs })
    return untilMs
  }

  /**
   * A wall clock that is set neither repeats a request early nor holds it for a year: it dates a request once, and one that
   * was set back makes it new.
   */
  #sentAgoMs(task: string, at: string | undefined): number {
    if (at === undefined) return 0
    const { clock } = this.#options
    const nowMs = monoMs(clock)
    const seen = this.#sent.get(task)
    const ms = seen?.at === at ? seen.ms : nowMs - Math.max(0, clock.now() - (parseRfc3339(at) ?? clock.now()))
    this.#sent.set(task, { at, ms })
    return nowMs - ms
  }

  #note(task: string, step: Step, retryMs: number): void {
    const { clock, log, authority } = this.#options
    if (step.do === 'pause') this.#silence ??= silenceFrom(clock)
    else {
      this.#silence = undefined
      Object.assign(this.#pause, { failures: 0, untilMs: 0 })
    }
    switch (step.do) {
      case 'pause':
        this.#pause.untilMs = monoMs(clock) + this.#delayMs(this.#pause.failures)
        this.#pause.failures += 1
        return
      case 'credentials':
        // The next turn sees the refusal.
        return
      case 'wait':
        this.#duties.set(task, { failures: 0, untilMs: monoMs(clock) + step.forMs })
        return
      case 'later': {
        const failures = (this.#duties.get(task)?.failures ?? 0) + (step.isDay ? 0 : 1)
        this.#duties.set(task, { failures, untilMs: monoMs(clock) + laterMs({ authority, retryMs }, step) })
        return
      }
      case 'settle':
        log.warn({ code: step.reason }, `${task} is ${step.state}: a person must look at it`)
        return
      case 'confirm':
      case 'send':
        this.#duties.delete(task)
        this.#sent.delete(task)
    }
  }

  #delayMs(failures: number): number {
    const { authority, random } = this.#options
    const { retryMinMs, retryMaxMs } = authority.timing
    const doubledMs = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(30, failures))
    return Math.round(doubledMs * (1 - SPREAD + 2 * SPREAD * random()))
  }
}

/**
 * How long a start waits for the journalled time of the next try. A request of the future says that the wall clock was set
 * back: then the time holds nothing up.
 */
function waitAtStart(progress: DutyProgress | undefined, nowMs: number, mostMs: number): number {
  const nextMs = parseRfc3339(progress?.next_try_at ?? '') ?? 0
  const sentMs = parseRfc3339(progress?.sent_at ?? '') ?? 0
  return sentMs > nowMs ? 0 : Math.max(0, Math.min(mostMs, nextMs - nowMs))
}

function silenceFrom(clock: Clock): { fromMs: number; sinceMs: number } {
  return { fromMs: monoMs(clock), sinceMs: clock.now() }
}
