import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveTask } from '../../child/serve.ts'
import { readChains } from '../chains.ts'
import { storedHashes } from '../event-table.ts'
import { openReadOnly } from '../reader.ts'
import type { VerifyTask } from './in-child.ts'
import type { JournalReport } from './journal.ts'
import { verifyJournal } from './journal.ts'

const PROGRESS_FILE = 'verified.json'
const SAVE_EVERY = 20_000

type Progress = { chain: string; seq: number; hash: string }

serveTask(verify)

async function verify({ directory }: VerifyTask): Promise<JournalReport> {
  const path = join(directory, PROGRESS_FILE)
  const { chain, from } = start(directory, path)
  let saved = from
  const report = await verifyJournal(directory, {
    from,
    books: true,
    onProgress: (seq, hash) => {
      if (seq - saved < SAVE_EVERY) return
      saved = seq
      save(path, { chain, seq, hash: Buffer.from(hash).toString('base64url') })
    },
  })
  rmSync(path, { force: true })
  return report
}

/** After the last good event of an interrupted run, if the journal still has that very event. */
function start(directory: string, path: string): { chain: string; from: number } {
  const progress = readProgress(path)
  try {
    const db = openReadOnly(directory)
    try {
      const [{ chainId }] = readChains(db)
      const found = storedHashes(db)(progress?.seq ?? 0)?.toString('base64url')
      const fits = progress?.chain === chainId && found === progress.hash
      return { chain: chainId, from: fits ? progress.seq + 1 : 1 }
    } finally {
      db.close()
    }
  } catch {
    // What is wrong here, the verification finds again and reports.
    return { chain: '', from: 1 }
  }
}

function readProgress(path: string): Progress | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Progress
  } catch {
    // None, or torn by a power cut: the run begins anew.
    return undefined
  }
}

/** Not synced: lost progress costs time only. */
function save(path: string, progress: Progress): void {
  writeFileSync(`${path}.tmp`, JSON.stringify(progress), { mode: 0o600 })
  renameSync(`${path}.tmp`, path)
}
