import { lstatSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { every, monoMs, systemClock } from '../../../base/clock.ts'
import { visible } from '../../../base/text.ts'

type Screen = { isTTY?: boolean; write(text: string): unknown }

const EVERY_MS = 1000
/** Back to the beginning of the line, and erase the rest (ECMA-48 § 8.3.41). */
const CLEARED = '\r\u001b[K'

/**
 * Shows on a terminal how long `work` has run and how much it has written: an archive of a TSE may take hours, and a
 * silent command looks dead. `file`: the result; unfinished, its bytes are in files with its name and a suffix.
 */
export async function shownWhile<Result>(
  what: string,
  file: string,
  work: () => Promise<Result>,
  { screen, clock }: { screen: Screen; clock: Clock } = { screen: process.stderr, clock: systemClock },
): Promise<Result> {
  if (screen.isTTY !== true) return work()
  const sinceMs = monoMs(clock)
  const cancel = every(clock, EVERY_MS, () =>
    screen.write(`${CLEARED}${visible(what)}  ${soFar(monoMs(clock) - sinceMs, bytesAt(file))}`),
  )
  try {
    return await work()
  } finally {
    void cancel()
    screen.write(CLEARED)
  }
}

/** `1:02:03, 12.3 MB` */
function soFar(ms: number, bytes: number): string {
  const seconds = Math.floor(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const clock = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : String(minutes)
  const time = `${clock}:${String(seconds % 60).padStart(2, '0')}`
  return bytes === 0 ? time : `${time}, ${(bytes / 1e6).toFixed(1)} MB`
}

/** The size of a file and of the files next to it with its name; 0 if it cannot be read. */
function bytesAt(file: string): number {
  try {
    const names = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))
    return names.reduce((sum, name) => sum + sizeOf(join(dirname(file), name)), 0)
  } catch {
    return 0
  }
}

function sizeOf(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory() !== true) return stats?.size ?? 0
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
