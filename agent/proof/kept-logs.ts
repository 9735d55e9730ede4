import type { DeviceLogs } from '../journal/books/device-logs.ts'
import type { BookFinding } from '../journal/books/findings.ts'
import { BookFindings } from '../journal/books/findings.ts'
import { bodyOf } from '../journal/events.ts'
import { lastEvents } from '../journal/reader.ts'
import { ArchiveMatch } from '../laws/germany/archive-match.ts'
import { GERMAN_BOOKS } from '../laws/germany/books/law-books.ts'
import { unpacked } from '../laws/germany/memory/read-portions.ts'
import type { RecordedEvents } from '../laws/germany/recorded-acts.ts'
import { keptArchiveAt } from './kept-archive.ts'
import type { ProvenUnit } from './proof-file.ts'

/**
 * Compares the events with the archives in the state directory: logs that were taken out of TSEs or read back. It reads
 * the logs after the counters of `proven`. An archive ends before the unit's last counter, so that it is a part of the
 * unit's memory.
 */
export async function matchKept(
  state: string,
  logs: DeviceLogs,
  proven: readonly ProvenUnit[],
): Promise<{ findings: BookFinding[]; units: readonly ProvenUnit[] }> {
  const findings = new BookFindings([GERMAN_BOOKS])
  const match = new ArchiveMatch(logs, findings)
  await match.readKept(async (archive, serial) => {
    const counter = proven.find((unit) => unit.serial === serial)?.counter ?? 0
    if (archive.last <= counter) return true
    const path = await keptArchiveAt(state, archive)
    if (path !== undefined) await match.read(unpacked(path), 'part')
    return path !== undefined
  })
  const { units } = await match.end(recordedIn(state))
  return { findings: findings.all(), units }
}

async function* recordedIn(state: string): RecordedEvents {
  for (const event of lastEvents(state, Number.MAX_SAFE_INTEGER)) yield { seq: event.seq, body: bodyOf(event) }
}
