import type { Clock } from '../../base/clock.ts'
import { within } from '../../base/clock.ts'
import { once } from '../../base/once.ts'

/**
 * The steps of a stop, in their order. Each part that was opened has its closer in one of them; within a step the part
 * that was opened last is closed first. Limits are in the parts; the whole stop has 20 s (base/stop-signals.ts).
 */
const STEPS = [
  // Tills are still answered.
  'sync',
  'laws',
  // New requests are refused, running ones finish: 11 s. The admin socket ends with them.
  'front',
  'receipts',
  // Backup, epochs, and the watch of the journal's log.
  'keepers',
  // After the acts that no request waits for, 3 s; each device ends its running command, 5 s.
  'devices',
  'exports',
  'clock',
  'reconciliation',
  'proof',
  // The queue is written, the head is signed.
  'journal',
  // The lock of the state directory is released last.
  'state',
] as const

export type StopStep = (typeof STEPS)[number]
type Closer = () => void | Promise<void>

/** The closers of the parts of an agent. */
export class Closers {
  readonly #closers = new Map<StopStep, Closer[]>(STEPS.map((step) => [step, []]))

  add(step: StopStep, closer: Closer): void {
    this.#closers.get(step)?.push(closer)
  }

  /** Calls all of them once, even after an error. Then throws the first error. */
  async closeAll(): Promise<void> {
    const errors: unknown[] = []
    for (const closers of this.#closers.values()) {
      for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
        try {
          await closer()
        } catch (error) {
          errors.push(error)
        }
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}

export type StopParts = {
  clock: Clock
  journal: { lock: { limitWaits(): void } }
  exports: { stop(): Promise<void> }
  recorder: { end(): Promise<void> }
  devices: ReadonlyMap<string, { close(): Promise<void>; endWaits(): void }>
  sync: () => { close(): Promise<void> }
}

/** Parts that take seconds to end: `begin` starts to end them, before their closers are called. */
export type StopOrder = {
  /** While the tills are still answered. */
  begin(): void
  readonly sync: () => Promise<void>
}

/** The time for an export to end before its device is closed. */
const EXPORTS_END_MS = 3_000
/**
 * The same for an act that no request waits for, such as a slip in print; the next start reconciles one that takes
 * longer.
 */
const ACTS_END_MS = 3_000

/** A part of compose. Exports and devices go to `closers`; the caller adds `sync` once the sync is open. */
export function stopOrderOf(
  { clock, journal, exports, recorder, devices, sync }: StopParts,
  closers: Closers,
): StopOrder {
  const exportsEnded = once(() => exports.stop())
  const syncEnded = once(() => sync().close())
  let exportsHadTime = Promise.resolve()
  closers.add('exports', exportsEnded)
  // In parallel. An export logs out of its TSE; one that holds it for hours ends when the device is closed.
  closers.add('devices', async () => {
    await Promise.all([exportsHadTime, within(clock, ACTS_END_MS, recorder.end())])
    await allOf([...devices.values()].map((device) => device.close()))
  })
  return {
    begin: () => {
      journal.lock.limitWaits()
      for (const device of devices.values()) device.endWaits()
      exportsHadTime = within(clock, EXPORTS_END_MS, exportsEnded())
      // The closer reports the error.
      void syncEnded().catch(() => undefined)
    },
    sync: syncEnded,
  }
}

/** Waits for all of them, then throws the first error. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason
}
