import { every, monoMs, parseRfc3339, pause, rfc3339 } from '../../../../base/clock.ts'
import { named } from '../../../../base/lifetime.ts'
import { untilAborted } from '../../../../base/stop-signals.ts'
import { DeviceError } from '../../../../drivers/errors.ts'
import { MalformedError } from '../../../../drivers/tr03151/malformed.ts'
import { tseIndex } from '../../../devices/enrolment.ts'
import { FiskalError } from '../../../errors.ts'
import { tseId } from '../../../journal/documents/records.ts'
import type { LawParts } from '../../law.ts'
import type { Unreadable } from './read-facts.ts'
import { readFacts } from './read-facts.ts'
import { lastNightMs } from './read-hours.ts'
import type { ReadLimits } from './reading.ts'
import { NotReadError, Reading } from './reading.ts'
import type { TseMemory } from './tse-memory.ts'
import type { WatchedDevice } from './watched-device.ts'

export type ReadBackOptions = Pick<LawParts<unknown>, 'journal' | 'clock' | 'onError' | 'fault'> & {
  devices: ReadonlyMap<string, WatchedDevice>
  memory: Pick<TseMemory, 'whileUnused'>
  /** `archives` in the state directory. */
  directory: string
  /** False if disk space is low. */
  hasRoom: () => boolean
}

type Occasion = 'close' | 'night' | 'retry'

/** Sessions that close within this time are read back together. */
const CLOSED_MS = 2_000
const LOOK_MS = 60_000
const RETRY_MS = 3_600_000
/** A missed night is made up for when the first rush after a start is over. */
const MISSED_MS = 600_000
/** By day no single command keeps a till waiting longer; at night the unit may search its whole memory. */
const BY_DAY: ReadLimits = { forMs: 10_000, heldMs: 5_000 }
const AT_NIGHT: ReadLimits = { forMs: 1_800_000, heldMs: 120_000 }
const NIGHT_MS = 7_200_000
/** Pause after a request of a till. */
const PAUSE_MS = 2_000

/** Interrupted by a till or by the stop of the agent: a later attempt may succeed, and the unit is not at fault. */
const GIVEN_UP: ReadonlySet<string> = new Set(['export_running', 'busy', 'aborted'])
/** The unit may be unreachable, or only its memory defective: it is probed. */
const ABSENT: ReadonlySet<string> = new Set(['unavailable', 'timeout', 'garbled'])

/**
 * Reads back what TSEs have signed: after the close of a session and each night, while tills sell. A unit that signs
 * but exports nothing raises a warning at the first failure and keeps signing; the next successful read ends the
 * warning.
 */
export class ReadBack {
  readonly #options: ReadBackOptions
  readonly #startedMs: number
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Promise<void>>()
  /** Sessions closed while their unit was being read. */
  readonly #again = new Set<string>()
  /** When a unit was last read at night (wall clock), and when the next try is due (monotonic clock). */
  readonly #nightMs = new Map<string, number>()
  readonly #retryMs = new Map<string, number>()
  #cancel: (() => void)[] = []
  #closed: (() => void) | undefined

  constructor(options: ReadBackOptions) {
    this.#options = options
    this.#startedMs = monoMs(options.clock)
  }

  start(): void {
    const { clock, journal } = this.#options
    const unlisten = journal.onAppend((_seq, events) => {
      if (events.some(({ kind }) => kind === 'session.closed')) this.#noteClose()
    })
    this.#cancel = [
      unlisten,
      every(named(clock, 'look for a TSE to be read back'), LOOK_MS, () => this.#beginDueReads()),
    ]
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#closed?.()
    for (const cancel of this.#cancel) cancel()
    await this.idle()
  }

  /** Waits until no read is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  #noteClose(): void {
    this.#closed ??= named(this.#options.clock, 'reading back after a close').after(CLOSED_MS, () => {
      this.#closed = undefined
      for (const device of this.#options.devices.values()) this.#begin(device, 'close')
    })
  }

  #beginDueReads(): void {
    for (const device of this.#options.devices.values()) {
      try {
        const occasion = this.#dueNow(device)
        if (occasion !== undefined) this.#begin(device, occasion)
      } catch (error) {
        this.#options.onError(error)
      }
    }
  }

  #dueNow(device: WatchedDevice): Occasion | undefined {
    const { clock, journal } = this.#options
    const serial = this.#serialOf(device)
    if (serial === undefined || this.#running.has(device.id)) return undefined
    const { readTo, unreadable } = readFacts(journal.view, serial)
    const night = lastNightMs(clock.now(), serial)
    const readMs = Math.max(this.#nightMs.get(device.id) ?? 0, parseRfc3339(readTo?.at ?? '') ?? 0)
    const isAwake = monoMs(clock) - this.#startedMs >= MISSED_MS
    if (readMs < night && (isAwake || night > this.#startedAtMs())) return 'night'
    if (unreadable === undefined) return undefined
    return monoMs(clock) >= (this.#retryMs.get(device.id) ?? Number.NEGATIVE_INFINITY) ? 'retry' : undefined
  }

  #startedAtMs(): number {
    const { clock } = this.#options
    return clock.now() - (monoMs(clock) - this.#startedMs)
  }

  /** Serial number of a unit of this shop that can be read now. */
  #serialOf({ id, usable, asTse }: WatchedDevice): string | undefined {
    const serial = asTse?.identity?.serial
    return usable && serial === this.#options.journal.view.enrolledSerial(id) ? serial : undefined
  }

  #begin(device: WatchedDevice, occasion: Occasion): void {
    if (this.#stopping.signal.aborted || device.asTse === undefined) return
    if (this.#running.has(device.id)) {
      if (occasion === 'close') this.#again.add(device.id)
      return
    }
    const { memory, onError, clock } = this.#options
    if (occasion === 'night') this.#nightMs.set(device.id, clock.now())
    const work = memory
      .whileUnused(device.id, (signal) => this.#read(device, occasion, signal))
      .catch(onError)
      .finally(() => {
        this.#running.delete(device.id)
        if (this.#again.delete(device.id)) this.#begin(device, 'close')
      })
    this.#running.set(device.id, work)
  }

  async #read(device: WatchedDevice, occasion: Occasion, yielding: AbortSignal): Promise<void> {
    const { hasRoom, clock } = this.#options
    const serial = this.#serialOf(device)
    const unit = device.asTse
    const identity = unit?.identity
    if (serial === undefined || unit === undefined || identity === undefined || !hasRoom()) return
    const signal = AbortSignal.any([this.#stopping.signal, yielding])
    this.#retryMs.set(device.id, monoMs(clock) + RETRY_MS)
    const reading = new Reading(this.#options, device.id, unit.unit, identity)
    try {
      await unlessAborted(this.#patiently(reading, this.#limitsOf(occasion, serial), signal), signal)
    } catch (error) {
      if (signal.aborted) return
      const failure = await this.#failureOf(device, error)
      if (failure !== undefined && !signal.aborted) await this.#recordFailure(device.id, serial, failure)
    }
  }

  /** A night made up for by day has the command limits of a close. */
  #limitsOf(occasion: Occasion, serial: string): ReadLimits {
    if (occasion !== 'night') return BY_DAY
    const nowMs = this.#options.clock.now()
    return nowMs - lastNightMs(nowMs, serial) < NIGHT_MS ? AT_NIGHT : { ...AT_NIGHT, heldMs: BY_DAY.heldMs }
  }

  /** A till that interrupts gets its sale; then the read continues while time is left. */
  async #patiently(reading: Reading, { forMs, heldMs }: ReadLimits, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const latestMs = monoMs(clock) + forMs
    for (;;) {
      try {
        return await reading.run({ forMs: latestMs - monoMs(clock), heldMs }, signal)
      } catch (error) {
        if (!isGivenUp(error) || monoMs(clock) + PAUSE_MS >= latestMs || signal.aborted) throw error
        await pause(clock, PAUSE_MS, signal)
      }
    }
  }

  /** Undefined if the unit is not at fault. Throws errors of the agent itself. */
  async #failureOf(device: WatchedDevice, error: unknown): Promise<Pick<Unreadable, 'code' | 'message'> | undefined> {
    if (error instanceof NotReadError) return { code: error.code, message: error.message }
    if (error instanceof FiskalError)
      return error.code === 'unprocessable_entity' ? { code: 'unsound', message: error.message } : undefined
    if (error instanceof MalformedError) return { code: 'garbled', message: error.message }
    if (!(error instanceof DeviceError)) throw error
    if (isGivenUp(error)) return undefined
    if (ABSENT.has(error.code) && !(await answers(device))) return undefined
    return { code: error.code, message: error.message }
  }

  async #recordFailure(device: string, serial: string, failure: Pick<Unreadable, 'code' | 'message'>): Promise<void> {
    const { journal, clock } = this.#options
    const before = readFacts(journal.view, serial).unreadable
    if (before?.code === failure.code && before.message === failure.message) return
    const unreadable: Unreadable = { ...failure, since: before?.since ?? rfc3339(clock.now()) }
    const facts = { device, code: failure.code }
    await journal.record((view) => [
      { kind: 'tse.read_failed', op: tseId(serial), body: { ...tseIndex(view, serial), set: { unreadable }, facts } },
    ])
  }
}

function isGivenUp(error: unknown): boolean {
  return error instanceof DeviceError && GIVEN_UP.has(error.code) && error.effect === 'none'
}

/** A running command of the unit cannot be aborted; neither a stop nor an auditor waits for it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  work.catch(() => undefined)
  await Promise.race([work, untilAborted(signal)])
}

/** True if a unit that did not export its logs answers a probe. */
async function answers({ usable, asTse }: WatchedDevice): Promise<boolean> {
  if (!usable || asTse === undefined) return false
  try {
    await asTse.unit.health()
    return true
  } catch {
    return false
  }
}
