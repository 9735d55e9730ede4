import { PLAUSIBLE_MS, parseRfc3339 } from '../../base/clock.ts'
import type { Facts } from '../journal/event-facts.ts'
import type { StoredEvent } from '../journal/events.ts'
import { bodyOf, factsOf } from '../journal/events.ts'
import type { DeviceEvents } from './device-events.ts'
import { deviceEvents } from './device-events.ts'

/**
 * Milliseconds since 1970; `toMs` is undefined while it lasts. `serial` is that of the unit that went down,
 * `nextSerial` of the one that ended it: another one if it was replaced. Undefined if no unit was ever connected.
 * `cause` is from its first event: a code, and words for a person.
 */
export type Outage = {
  fromMs: number
  toMs: number | undefined
  serial: string | undefined
  nextSerial: string | undefined
  cause: { code: string; message: string } | undefined
}

/**
 * The begin of the outage that is the device's last state in the journal, milliseconds since 1970: neither a restart
 * ends it, nor another unit that is connected instead.
 */
export function outageSince(view: DeviceEvents, device: string): number | undefined {
  return foldOf(view, device).lasting?.fromMs
}

/** The facts of an outage that the journal does not have because its process ended: it began with the first of these receipts. */
export function hiddenOutage(
  view: DeviceEvents,
  device: string,
  receipts: readonly number[],
  nowMs: number,
): Facts['device.changed'] | undefined {
  const { lasting, turnedMs = 0 } = foldOf(view, device)
  // A receipt is stamped in whole seconds.
  const begins = receipts.filter((ms) => ms + 999 >= turnedMs && ms < nowMs)
  if (lasting !== undefined || begins.length === 0) return undefined
  const message = 'A receipt has no signature, and the agent ended before the outage was recorded.'
  const silent_ms = nowMs - Math.min(...begins)
  return { device, state: 'down', code: 'unavailable', message, serial: null, silent_ms }
}

function foldOf(view: DeviceEvents, device: string): OutageFold {
  const fold = new OutageFold()
  for (const event of deviceEvents(view, device)) fold.take(event)
  return fold
}

/** The outages of a device that the journal knows, oldest first. */
export function* outagesOf(view: DeviceEvents, device: string): Generator<Outage> {
  const fold = new OutageFold()
  for (const event of deviceEvents(view, device)) {
    const over = fold.take(event)
    if (over !== undefined) yield over
  }
  if (fold.lasting !== undefined) yield fold.lasting
}

/** When the device was first ready with this unit after a seq, milliseconds since 1970; undefined if it was not yet. */
export function readySince(view: DeviceEvents, device: string, serial: string, after: number): number | undefined {
  for (const event of deviceEvents(view, device, after))
    if (readySerial(event) === serial) return parseRfc3339(event.at)
  return undefined
}

/**
 * The outages of devices that matter, and the one that lasts, for repeated questions: each event is read once. A bad
 * contact makes thousands of short ones.
 */
export class MatteringOutages {
  readonly #view: DeviceEvents
  readonly #matters: (over: Outage & { toMs: number }) => boolean
  readonly #byDevice = new Map<string, { fold: OutageFold; outages: Outage[] }>()

  constructor(view: DeviceEvents, matters: (over: Outage & { toMs: number }) => boolean) {
    this.#view = view
    this.#matters = matters
  }

  of(device: string): readonly Outage[] {
    const entry = this.#byDevice.get(device) ?? { fold: new OutageFold(), outages: [] }
    this.#byDevice.set(device, entry)
    const { fold, outages } = entry
    for (const event of deviceEvents(this.#view, device, fold.upTo)) {
      const over = fold.take(event)
      if (over !== undefined && this.#matters(over)) outages.push(over)
    }
    return fold.lasting === undefined ? outages : [...outages, fold.lasting]
  }

  /** When the device last came or went, milliseconds since 1970, by what {@link of} has read. */
  lastSeenMs(device: string): number | undefined {
    return this.#byDevice.get(device)?.fold.turnedMs
  }
}

/** An event of a device, from the journal or an exported one. */
export type DeviceEvent = Pick<StoredEvent, 'seq' | 'kind' | 'at' | 'boot' | 'mono' | 'body'>

/** Folds the events of a device into its outages. */
export class OutageFold {
  upTo = 0
  turnedMs: number | undefined
  lasting: Outage | undefined
  #began: DeviceEvent | undefined
  #serial: string | undefined

  /** The outage that is over with this event. */
  take(event: DeviceEvent): (Outage & { toMs: number }) | undefined {
    this.upTo = event.seq
    const { state, code, message } = factsOf(event, 'device.changed') ?? {}
    if (state === undefined || state === 'degraded') return undefined
    const atMs = parseRfc3339(event.at) ?? 0
    this.turnedMs = atMs
    const { lasting } = this
    if (state !== 'ready') {
      // Begun by a clock that was not set yet: a clock that is set has reported it again since.
      if (lasting !== undefined && lasting.fromMs >= PLAUSIBLE_MS) return undefined
      const cause = code == null ? undefined : { code, message: message ?? '' }
      // Journalled when its window was over: it began with the first sign of silence.
      this.lasting = {
        fromMs: atMs - silentMsIn(event),
        toMs: undefined,
        serial: this.#serial,
        nextSerial: undefined,
        cause,
      }
      this.#began = event
      return undefined
    }
    this.#serial = readySerial(event)
    this.lasting = undefined
    return lasting && { ...lasting, ...this.#times(lasting.fromMs, event, atMs), nextSerial: this.#serial }
  }

  /**
   * Uses the time of the process if the wall clock is not reliable. So a clock that is set back does not shorten an outage,
   * and none begins in 1970 or an hour too early because the clock is set later.
   */
  #times(fromMs: number, event: DeviceEvent, atMs: number): { fromMs: number; toMs: number } {
    const began = this.#began
    const isOfOneProcess = began?.boot === event.boot
    const lastedMs = isOfOneProcess
      ? silentMsIn(began) + Number((BigInt(event.mono) - BigInt(began.mono)) / 1_000_000n)
      : 0
    const isBegunSuspect = isOfOneProcess && isSuspect(began) && !isSuspect(event)
    if ((fromMs < PLAUSIBLE_MS && atMs >= PLAUSIBLE_MS) || isBegunSuspect)
      return { fromMs: atMs - lastedMs, toMs: atMs }
    const isSetBack = isOfOneProcess && isSuspect(event)
    return { fromMs, toMs: isSetBack ? Math.max(atMs, fromMs + lastedMs) : atMs }
  }
}

function isSuspect(event: DeviceEvent): boolean {
  return bodyOf(event).clock === 'suspect'
}

function silentMsIn(event: DeviceEvent): number {
  return factsOf(event, 'device.changed')?.silent_ms ?? 0
}

/** Undefined if the event does not say that a device is ready with a unit. */
function readySerial(event: DeviceEvent): string | undefined {
  const { state, serial } = factsOf(event, 'device.changed') ?? {}
  return state === 'ready' ? (serial ?? undefined) : undefined
}
