import type { Clock } from '../../base/clock.ts'
import { within } from '../../base/clock.ts'
import type { Closers } from './closers.ts'

type Closer = () => Promise<void>

export type EndingParts = {
  clock: Clock
  journal: { lock: { end(): void } }
  exports: { stop(): Promise<void> }
  acts: { end(): Promise<void> }
  devices: ReadonlyMap<string, { close(): Promise<void>; endWaits(): void }>
  outward: () => { close(): Promise<void> }
}

/** What may take seconds to end: each in its turn among the closers, begun before. */
export type Ending = {
  /** While the tills are still answered. */
  begin(): void
  readonly outward: Closer
}

/** So long an export may take to end before its device is closed. */
const EXPORTS_END_MS = 3_000
/** And an act that nobody waits for any more, as a slip that is being printed; what takes longer is asked about at the next start. */
const ACTS_END_MS = 3_000

/** A part of compose. Exports and devices go to `closers`; `outward` is for when there is something to close. */
export function endingOf({ clock, journal, exports, acts, devices, outward }: EndingParts, closers: Closers): Ending {
  const exportsEnded = once(() => exports.stop())
  const outwardEnded = once(() => outward().close())
  let exportsHadTime = Promise.resolve()
  closers.push(exportsEnded)
  // Side by side. An export says goodbye to its TSE; one that holds it for hours ends with it.
  closers.push(async () => {
    await Promise.all([exportsHadTime, within(clock, ACTS_END_MS, acts.end())])
    await allOf([...devices.values()].map((device) => device.close()))
  })
  return {
    begin: () => {
      journal.lock.end()
      for (const device of devices.values()) device.endWaits()
      exportsHadTime = within(clock, EXPORTS_END_MS, exportsEnded())
      // Whoever waits for it hears of it.
      void outwardEnded().catch(() => undefined)
    },
    outward: outwardEnded,
  }
}

function once(close: Closer): Closer {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= close()
    return closing
  }
}

/** Waits for all of them. Throws the first error, at the end. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(works)) if (result.status === 'rejected') throw result.reason
}
