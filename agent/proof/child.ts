import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRfc3339, rfc3339, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/thrown.ts'
import type { DeviceLogs } from '../journal/books/device-logs.ts'
import type { BookFinding } from '../journal/books/findings.ts'
import { describeBooks } from '../journal/books/findings.ts'
import { readChains } from '../journal/chains.ts'
import { storedHashes } from '../journal/event-table.ts'
import { openReadOnly } from '../journal/reader.ts'
import type { JournalReport } from '../journal/verify/journal.ts'
import { verifyJournal } from '../journal/verify/journal.ts'
import { LAW_BOOKS } from '../laws/law-books.ts'
import type { BookError, DailyReport, VerifyTask } from './in-child.ts'
import { matchKept } from './kept-logs.ts'
import { readProof, rememberRun } from './proof-file.ts'
import { bookFindings, journalFindings } from './proof-findings.ts'

const PROGRESS_FILE = 'verified.json'
const SAVE_EVERY = 20_000
const WEEK_MS = 7 * 24 * 3_600_000

type Progress = { chain: string; seq: number; hash: string }

export async function work({ directory }: VerifyTask): Promise<DailyReport> {
  const path = join(directory, PROGRESS_FILE)
  const { chain, from } = start(directory, path)
  let saved = from
  let logs: DeviceLogs | undefined
  const report = await verifyJournal(directory, {
    laws: LAW_BOOKS,
    from,
    books: true,
    onBooks: (books) => {
      logs = books.logs
    },
    onProgress: (seq, hash) => {
      if (seq - saved < SAVE_EVERY) return
      saved = seq
      save(path, { chain, seq, hash: Buffer.from(hash).toString('base64url') })
    },
  })
  rmSync(path, { force: true })
  const differing = errorsIn(report.codes.filter(({ code }) => !code.startsWith('projections_')))
  try {
    return { ...report, differing, kept: errorsIn(await compareKept(directory, report, logs)) }
  } catch (error) {
    // A full disk must not hide damage.
    return { ...report, differing, kept: [], failure: messageOf(error) }
  }
}

function errorsIn(codes: JournalReport['codes']): BookError[] {
  return codes.flatMap((finding) =>
    'facts' in finding && finding.level === 'error'
      ? [{ seq: finding.seq, code: finding.code, text: describeBooks(finding, 'en', LAW_BOOKS) }]
      : [],
  )
}

/**
 * Compares only the part that is new since the last run; once a week all of it. Compares nothing if the chain is
 * broken.
 */
async function compareKept(
  directory: string,
  report: JournalReport,
  logs: DeviceLogs | undefined,
): Promise<BookFinding[]> {
  const nowMs = systemClock.now()
  const before = readProof(directory)
  const age = nowMs - (parseRfc3339(before?.whole_at ?? '') ?? 0)
  // A clock that was set back must not postpone it without end.
  const isWhole = age >= WEEK_MS || age < 0
  const proven = isWhole ? [] : (before?.units ?? [])
  const { findings, units } =
    logs === undefined ? { findings: [], units: [] } : await matchKept(directory, logs, proven)
  rememberRun(directory, {
    by: 'daily',
    at: rfc3339(nowMs),
    units,
    covers: isWhole && logs !== undefined ? 'kept' : 'journal',
    findings: [...journalFindings(report, LAW_BOOKS), ...bookFindings(findings, 'kept', LAW_BOOKS)],
  })
  return findings
}

/** Resumes after the last good event of an interrupted run if the journal still has that very event. */
function start(directory: string, path: string): { chain: string; from: number } {
  const progress = readProgress(path)
  try {
    const db = openReadOnly(directory)
    try {
      const [{ chainId }] = readChains(db)
      const hash = storedHashes(db)(progress?.seq ?? 0)?.toString('base64url')
      const fits = progress?.chain === chainId && hash === progress.hash
      return { chain: chainId, from: fits ? progress.seq + 1 : 1 }
    } finally {
      db.close()
    }
  } catch {
    // The verification finds and reports the fault in the file.
    return { chain: '', from: 1 }
  }
}

function readProgress(path: string): Progress | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Progress
  } catch {
    // The file does not exist, or a power cut tore it: the run begins at the start.
    return undefined
  }
}

/** Not synced: lost progress costs time only. */
function save(path: string, progress: Progress): void {
  writeFileSync(`${path}.tmp`, JSON.stringify(progress), { mode: 0o600 })
  renameSync(`${path}.tmp`, path)
}
