import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { readChains } from '../../agent/journal/chains.ts'
import { readingView } from '../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../agent/journal/reader.ts'
import { writeDsfinvk } from '../../agent/laws/germany/dsfinvk/export.ts'
import { HashedEvents } from '../../agent/laws/germany/dsfinvk/hashed-events.ts'
import { journalSource } from '../../agent/laws/germany/dsfinvk/journal-source.ts'
import { DsfinvkRefusedError } from '../../agent/laws/germany/dsfinvk/refused.ts'
import { describeFinding } from '../../verify/dsfinvk/finding.ts'
import { verifyDsfinvk } from '../../verify/dsfinvk/verify-package.ts'
import { EVERYTHING, SETTINGS } from '../laws/germany/dsfinvk/journal-package.ts'

/**
 * The faults that keep closed sessions from being handed over, in words; empty when none does: the DSFinV-K package of
 * everything is written and read again. For an idle agent without open acts.
 */
export async function brokenBooks(state: string): Promise<string[]> {
  const directory = await mkdtemp(join(state, 'books-'))
  const db = openReadOnly(state)
  try {
    const path = join(directory, 'package.zip')
    const view = readingView(db)
    const settings = { ...SETTINGS, hashes: new HashedEvents(view.event, readChains(db)), tse: () => undefined }
    await writeDsfinvk({ source: journalSource(view, EVERYTHING, settings), path })
    const { findings, closings } = await verifyDsfinvk(path)
    return [...findings.map(describeFinding), ...missing(db, closings)]
  } catch (error) {
    if (!(error instanceof DsfinvkRefusedError)) throw error
    return closedSessions(db) === 0 ? [] : error.findings.map(describeFinding)
  } finally {
    db.close()
    await rm(directory, { recursive: true, force: true })
  }
}

function missing(db: Database.Database, closings: number): string[] {
  const closed = closedSessions(db)
  return closings === closed ? [] : [`${closed} sessions were closed, ${closings} are in the package`]
}

function closedSessions(db: Database.Database): number {
  const count = db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM event WHERE body LIKE '%"z_number":%'`)
  return count.get()?.n ?? 0
}
