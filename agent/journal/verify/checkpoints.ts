import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { Chains } from '../chains.ts'
import { numberIn } from '../checked.ts'
import { storedHashes } from '../event-table.ts'
import type { StoredCheckpoint } from '../signed-head.ts'
import { isOwnCheckpoint, isReopened, reopenedAfter, unsignedHead, unsignedText } from '../signed-head.ts'
import type { Findings } from './findings.ts'

const PORTION = 500
const CODE = 'head_unsigned'

/** Compares every checkpoint with its event and the key of its chain. Returns their number. */
export async function checkCheckpoints(
  db: Database,
  chains: Chains,
  lastSeq: number,
  findings: Findings,
): Promise<number> {
  const portion = db.prepare<[number, number], StoredCheckpoint>(
    'SELECT * FROM checkpoint WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const hashAt = storedHashes(db)
  let count = 0
  for (let after = 0; ; await turn()) {
    const rows = portion.all(after, PORTION)
    if (rows.length === 0) return count
    for (const row of rows) {
      // An overwritten page may return a row again without end.
      if (!isSignedHead(row, after)) {
        findings.add('checkpoint', Math.min(after, lastSeq) + 1, 'a checkpoint cannot be read')
        return count
      }
      checkCheckpoint(row, hashAt(row.seq), chains, lastSeq, findings)
      after = row.seq
      count++
    }
  }
}

/** Checks that the newest events are signed, and reports permanently that they once were not and a person continued. */
export function checkHead(db: Database, chains: Chains, findings: Findings): void {
  // A checkpoint that is missing from a damaged journal adds nothing.
  const unsigned = findings.firstBadSeq === undefined ? unsignedHead(db) : undefined
  if (unsigned !== undefined) {
    const { signedTo, last } = unsigned
    findings.add('checkpoint', Math.min(signedTo + 1, last), unsignedText(unsigned), { code: CODE, last })
  }
  for (const [index, chain] of chains.entries()) {
    if (!isReopened(chain)) continue
    const base = chains[index - 1]?.base ?? 0
    const { signed_to: signedTo, tables_to: tablesTo } = chain.opening
    const first = base + (numberIn(signedTo) ?? 0) + 1
    const lost = typeof tablesTo === 'number' ? `; the tables had events up to ${base + tablesTo}` : ''
    const what = `up to event ${chain.base} none had a valid checkpoint, and "journal reopen" continued after them${lost}`
    findings.note({ part: 'checkpoint', seq: first, last: chain.base, what, code: CODE })
  }
}

function checkCheckpoint(
  row: StoredCheckpoint,
  hash: Buffer | undefined,
  chains: Chains,
  lastSeq: number,
  findings: Findings,
): void {
  const { seq, head } = row
  const of = Math.min(seq, lastSeq + 1)
  if (hash === undefined) findings.add('checkpoint', of, `a checkpoint was signed for event ${seq}, which is missing`)
  else if (!hash.equals(head)) findings.add('checkpoint', seq, 'its hash is not the one that was signed')
  if (isOwnCheckpoint(row, chains)) return
  const what = 'the signature of the checkpoint is wrong'
  if (seq <= reopenedAfter(chains)) findings.note({ part: 'checkpoint', seq, what, code: CODE })
  else findings.add('checkpoint', seq, what, { code: CODE })
}

function isSignedHead({ seq, head, kid, sig }: StoredCheckpoint, after: number): boolean {
  return seq > after && Buffer.isBuffer(head) && typeof kid === 'string' && Buffer.isBuffer(sig)
}
