import type { Clock } from '../../base/clock.ts'
import { within } from '../../base/clock.ts'
import type { Closers } from './closers.ts'

type Closer = () => Promise<void>

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
  readonly sync: Closer
}

/** The time for an export to end before its device is closed. */
const EXPORTS_END_MS = 3_000
/**
 * The same for an act that no request waits for, such as a slip in print; the next start reconciles one that takes
 * longer.
 */
const ACTS_END_MS = 3_000

/** A part of compose. Exports and devices go to `closers`; the caller pushes `sync` once the sync is open. */
export function stopOrderOf(
  { clock, journal, exports, recorder, devices, sync }: StopParts,
  closers: Closers,
): StopOrder {
  const exportsEnded = once(() => exports.stop())
  const syncEnded = once(() => sync().close())
  let exportsHadTime = Promise.resolve()
  closers.push(exportsEnded)
  // In parallel. An export logs out of its TSE; one that holds it for hours ends when the device is closed.
  closers.push(async () => {
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

function once(close: Closer): Closer {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= close()
    return closing
  }
}

/** Waits for all of them, then throws the first error. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason
}
