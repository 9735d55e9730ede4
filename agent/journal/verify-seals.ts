import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { StoredEvent } from './events.ts'
import type { Genesis } from './genesis.ts'
import type { Seal } from './seal.ts'
import { SEGMENT_DIRECTORY, sealOf } from './seal.ts'
import type { ExportReport } from './verify-export.ts'
import { verifyExport } from './verify-export.ts'

/**
 * Holds every sealed segment against its event and the live chain: the file is there, has the anchored hash and verifies
 * by itself; ranges follow each other without a hole. Returns how many were looked at.
 */
export async function verifySeals(
  db: Database,
  directory: string,
  genesis: Genesis,
  findings: { add(part: 'seal', seq: number, what: string): void },
): Promise<number> {
  const events = db
    .prepare<[string], StoredEvent>(
      "SELECT * FROM event WHERE op = ? AND op <> '' AND kind = 'journal.sealed' ORDER BY seq",
    )
    .all(genesis.chainId)
  const hashAt = db.prepare<[number], { hash: Buffer }>('SELECT hash FROM event WHERE seq = ?')
  let next = 1
  for (const event of events) {
    const seal = sealOf(event)
    const path = join(directory, SEGMENT_DIRECTORY, seal.file)
    if (seal.first !== next) findings.add('seal', event.seq, `${seal.file} does not begin with event ${next}`)
    next = seal.last + 1
    if (hashAt.get(seal.last)?.hash.toString('base64url') !== seal.head)
      findings.add('seal', event.seq, `${seal.file} was sealed with another head than the journal has at ${seal.last}`)
    if (!existsSync(path)) findings.add('seal', event.seq, `${seal.file} is missing`)
    else if (!(await segmentFits(path, seal, genesis)))
      findings.add('seal', event.seq, `${seal.file} is not the file that was sealed`)
  }
  return events.length
}

async function segmentFits(path: string, seal: Seal, genesis: Genesis): Promise<boolean> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path)) digest.update(chunk)
  if (digest.digest('hex') !== seal.sha256) return false
  const report: ExportReport = await verifyExport(createReadStream(path), genesis.publicKey)
  const same = report.chain === genesis.chainId && report.firstSeq === seal.first && report.lastSeq === seal.last
  return report.valid && same && report.head === seal.head
}
