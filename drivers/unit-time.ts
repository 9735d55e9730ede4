import type { Clock } from '../base/clock.ts'
import { DeviceError, withEffect } from './errors.ts'
import type { HostTime, TimeGate } from './ports/time-gate.ts'
import type { TseSignature } from './ports/tse.ts'
import { readCertificate } from './tr03151/certificate.ts'
import { isoText } from './tr03151/log-time.ts'

/** 2026-01-01: no unit gets an earlier time; an earlier clock has lost its time. */
export const EARLIEST_MS = 1_767_225_600_000
/** A larger step back than a disciplined clock makes. */
const STEP_BACK_MS = 60_000
/** The unit's clock is corrected from this difference on; while it is small, at most this often. */
const WRONG_FROM_MS = 2000
const CORRECTION_MS = 60_000
/** A unit gets the time again after this part of the time for which it keeps one. */
const HOLDS_SHARE = 0.8

/** The time gate of one TSE. Without a {@link HostTime} it uses what this process has seen of the unit, and 2026. */
export class UnitTime implements TimeGate {
  readonly #clock: Clock
  readonly #host: HostTime | undefined
  /** The following fields belong to one unit and one confirmation of the clock. */
  #serial: string | undefined
  #vouchedAt: number
  #newestMs: number | undefined
  /** The unit's time minus the monotonic one is between these, as seen at that moment. */
  #ahead: { leastMs: number; mostMs: number; seenNs: bigint } | undefined
  /** The unit's resolution as seen in its logs: some count only minutes. */
  #countsMs = 60_000
  #mustTell = false
  #validFromMs: number | undefined
  #validToMs: number | undefined
  #givenNs: bigint
  #toldNs: bigint
  #correctedNs: bigint | undefined

  constructor(clock: Clock, host?: HostTime) {
    this.#clock = clock
    this.#host = host
    this.#serial = host?.serial()
    this.#vouchedAt = host?.vouchedAt() ?? 0
    this.#givenNs = clock.mono()
    this.#toldNs = this.#givenNs
  }

  suspicion(): string | undefined {
    const nowMs = this.#clock.now()
    if (nowMs < EARLIEST_MS) return `The clock of this machine says ${isoDate(nowMs)}: it has lost its time.`
    const boundMs = this.boundMs()
    if (boundMs !== undefined && nowMs < boundMs - STEP_BACK_MS)
      return `The clock of this machine says ${isoDate(nowMs)}, and ${isoDate(boundMs)} is on record: it is not secured.`
    const endMs = this.passedEndMs()
    if (endMs === undefined) return undefined
    return `The clock of this machine says ${isoDate(nowMs)}, and the certificate of the TSE ended at ${isoDate(endMs)}: it is not secured.`
  }

  /** A unit that was given such a time signs nothing until it is given the right one. */
  passedEndMs(): number | undefined {
    const endMs = this.#validToMs
    if (endMs === undefined || this.#clock.now() <= endMs) return undefined
    return (this.#host?.vouchedMs() ?? 0) > endMs ? undefined : endMs
  }

  boundMs(): number | undefined {
    // A confirmed clock overrides the certificate's start, which then came from a clock that was ahead.
    const validFromMs = (this.#host?.vouchedAt() ?? 0) === 0 ? this.#validFromMs : undefined
    return later(later(this.#host?.newestEventMs(), this.newestLogMs()), validFromMs)
  }

  demand(): void {
    const why = this.suspicion()
    if (why !== undefined) throw new DeviceError('clock_suspect', 'none', why)
  }

  now(lastLogMs = 0): number {
    this.demand()
    const nowMs = this.#clock.now()
    this.#givenNs = this.#clock.mono()
    // A log further ahead was signed with a clock that was ahead, or no time would be set now.
    const lastMs = lastLogMs <= nowMs + STEP_BACK_MS ? lastLogMs : 0
    return Math.max(nowMs, this.newestLogMs() ?? 0, lastMs)
  }

  newestLogMs(): number | undefined {
    this.#follow()
    return later(this.#newestMs, this.#host?.newestLogMs())
  }

  told(timeMs: number): void {
    this.#follow()
    this.#newestMs = Math.max(this.#newestMs ?? 0, Math.floor(timeMs / 1000) * 1000)
    // Units that count seconds drop the fraction.
    const [leastMs, mostMs] = [timeMs - 999 - msOf(this.#clock.mono()), timeMs - msOf(this.#givenNs)]
    this.#ahead = { leastMs, mostMs, seenNs: this.#givenNs }
    this.#toldNs = this.#givenNs
    this.#mustTell = false
  }

  signed(logTimeMs: number, sentNs: bigint): void {
    this.recorded(logTimeMs)
    // One log in sixty has a whole minute by chance.
    this.#countsMs = Math.min(this.#countsMs, logTimeMs % 60_000 === 0 ? 60_000 : logTimeMs % 1000 === 0 ? 1000 : 1)
    this.#ahead = {
      leastMs: logTimeMs - msOf(this.#clock.mono()),
      mostMs: logTimeMs + this.#countsMs - msOf(sentNs),
      seenNs: sentNs,
    }
  }

  recorded(logTimeMs: number): void {
    this.#follow()
    this.#newestMs = Math.max(this.#newestMs ?? 0, logTimeMs)
  }

  certified([own]: readonly Uint8Array[], endsAtMs: number): void {
    this.#validToMs = endsAtMs > 0 ? endsAtMs : undefined
    if (own === undefined) return
    try {
      this.#validFromMs = readCertificate(own).validFromDate.getTime()
    } catch {
      // An unreadable certificate sets no bound.
    }
  }

  due(holdsMs = 0): 'must' | 'may' | undefined {
    this.#follow()
    if (this.#mustTell) return 'must'
    if (this.#ahead === undefined) return undefined
    const nowNs = this.#clock.mono()
    const wrongMs = Math.abs(this.#awayFrom(Math.max(this.#clock.now(), this.newestLogMs() ?? 0)))
    const isOld = holdsMs > 0 && msOf(nowNs - this.#toldNs) >= HOLDS_SHARE * holdsMs
    if (wrongMs < WRONG_FROM_MS) return isOld ? 'may' : undefined
    if (wrongMs > STEP_BACK_MS) return 'must'
    const isRecent = this.#correctedNs !== undefined && msOf(nowNs - this.#correctedNs) < CORRECTION_MS
    if (isRecent) return undefined
    this.#correctedNs = nowNs
    return 'may'
  }

  skewMs(): number | undefined {
    this.#follow()
    if (this.#ahead === undefined || this.#ahead.seenNs < (this.#host?.partedNs() ?? 0n)) return undefined
    return this.#awayFrom(this.#clock.now())
  }

  /** The difference of the unit's clock from its proper time. */
  #awayFrom(timeMs: number): number {
    if (this.#ahead === undefined) return 0
    const { leastMs, mostMs } = this.#ahead
    const wantedMs = timeMs - msOf(this.#clock.mono())
    if (wantedMs < leastMs) return leastMs - wantedMs
    return Math.min(0, mostMs - wantedMs)
  }

  isUntold(): boolean {
    this.#follow()
    return this.#mustTell || this.#ahead === undefined
  }

  /** A different unit has a different clock; all times before a confirmation may come from a clock that was ahead. */
  #follow(): void {
    const serial = this.#host?.serial()
    const vouchedAt = this.#host?.vouchedAt() ?? 0
    if (vouchedAt !== this.#vouchedAt) this.#mustTell = true
    else if (serial === this.#serial || this.#serial === undefined) {
      this.#serial = serial
      return
    }
    if (serial !== this.#serial) this.#countsMs = 60_000
    this.#serial = serial
    this.#vouchedAt = vouchedAt
    this.#newestMs = undefined
    this.#ahead = undefined
  }
}

/**
 * One start or finish, within a slot of the driver's queue: the clock is checked just before, and a unit with a wrong
 * time is set first.
 */
export async function signInTime<Signed extends Pick<TseSignature, 'logTimeMs'>>(
  time: TimeGate,
  clock: Pick<Clock, 'mono'>,
  setTime: () => Promise<void>,
  sign: () => Promise<Signed>,
): Promise<Signed> {
  time.demand()
  const due = time.due()
  if (due !== undefined) {
    try {
      await setTime()
    } catch (error) {
      // A refused login does not block sales while the difference is small. Nothing was signed yet.
      const isBearable = due === 'may' && error instanceof DeviceError && error.effect === 'none'
      if (!isBearable) throw withEffect(error, 'none')
    }
    time.demand()
  }
  const sentNs = clock.mono()
  const signature = await sign()
  time.signed(signature.logTimeMs, sentNs)
  return signature
}

/** For acts that a unit can do without a time too. */
export async function unlessSuspect(time: TimeGate, act: () => Promise<void>): Promise<void> {
  if (time.suspicion() === undefined) await act()
}

/** Asked several times a sale: it makes no array. */
function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

function msOf(ns: bigint): number {
  return Number(ns / 1_000_000n)
}

function isoDate(ms: number): string {
  return `${isoText(ms).slice(0, 19)}Z`
}
