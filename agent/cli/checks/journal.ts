import { parseRfc3339 } from '../../../base/clock.ts'
import { codeOf } from '../../../base/thrown.ts'
import type { JournalReport } from '../../journal/verify/journal.ts'
import { warningOf } from '../../watch/warnings.ts'
import { checkClock } from './clock.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { EXPLAIN } from './proof.ts'

const TAIL_EVENTS = 1000
const EDITED =
  'fiskal-edge journal verify names all of it. Keep the disk as it is, export the journal (export journal), and find out who changed it'
const LATER =
  'Install that version again and verify with it. If it was never here, keep the disk as it is, export the journal (export journal), and find out who changed it'

/** Remedies of single codes: the journal has no other error. */
const REMEDIES: Readonly<Record<string, string>> = { receipt_numbers_twice: EXPLAIN, version_too_old: LATER }

/** The id of the key that signs the journal: a restore on another machine needs it (`--epoch-key`). */
async function keyWords(state: string): Promise<string> {
  const { presentCheckpointKey } = await import('../../state/state-directory.ts')
  const { checkpointSigner, keyId } = await import('../../journal/checkpoint.ts')
  const key = presentCheckpointKey(state)
  return key === undefined ? '' : `, key ${keyId(checkpointSigner(key).publicKey)}`
}

/** Verifies the end of the chain, while a daemon may run, and compares the clock with it. */
export async function checkJournal(state: string, nowMs: number): Promise<Finding[]> {
  const { JournalMissingError, lastEvents } = await import('../../journal/reader.ts')
  const { verifyJournal } = await import('../../journal/verify/journal.ts')
  const { LAW_BOOKS } = await import('../../laws/law-books.ts')
  try {
    const tail = [...lastEvents(state, TAIL_EVENTS)]
    const tailOnly = { laws: LAW_BOOKS, projections: false, file: false, segments: false }
    const report = await verifyJournal(state, { from: tail[0]?.seq ?? 1, ...tailOnly })
    const clock = checkClock(nowMs, parseRfc3339(tail.at(-1)?.at ?? ''))
    if (!report.valid) return [clock, await damaged(report)]
    const { checkFonts } = await import('./fonts.ts')
    const fonts = checkFonts(tail.map(({ body }) => body))
    const holds = `chain holds from seq ${report.firstSeq} to ${report.lastSeq}${await keyWords(state)}`
    if (report.firstSeq > 1 || tail.some(({ kind }) => kind === 'merchant.created'))
      return [clock, ...fonts, ok('journal', holds)]
    const { message, remedy } = warningOf('merchant_missing')
    return [clock, caution('journal', `${holds}. ${message}`, remedy)]
  } catch (error) {
    const { JournalDamagedError } = await import('../../journal/damage.ts')
    const { placedDamage } = await import('../../journal/damaged-place.ts')
    const damage = placedDamage(error, state)
    if (damage instanceof JournalDamagedError)
      return [
        checkClock(nowMs, undefined),
        failure('journal', `${damage.message} (${damage.code})`, warningOf('journal_damaged').remedy),
      ]
    if (codeOf(error) !== 'journal_lost' && !(error instanceof JournalMissingError)) throw error
    const { wasBegun } = await import('../../journal/announced-version.ts')
    const journal = wasBegun(state)
      ? failure(
          'journal',
          'is missing or empty, or its log (journal.db-wal) is, and this shop has sold',
          'put it back, or: fiskal-edge restore FILE',
        )
      : ok('journal', 'none yet: made at the first start')
    return [checkClock(nowMs, undefined), journal]
  }
}

async function damaged({ findings: [first], codes }: JournalReport): Promise<Finding> {
  if (first?.code === 'head_unsigned') {
    const { UNSIGNED_REMEDY } = await import('../../journal/signed-head.ts')
    return failure('journal', `${first.what} (${first.code})`, UNSIGNED_REMEDY)
  }
  if (first?.part === 'books') {
    // The chain is complete and its writer signed it: an older backup does not fix this.
    const errors = codes.filter((each) => 'facts' in each && each.level === 'error')
    const [code = '', ...others] = new Set(errors.map((each) => each.code))
    return failure('journal', first.what, (others.length === 0 && REMEDIES[code]) || EDITED)
  }
  const code = first?.code === undefined ? '' : ` (${first.code})`
  // A damaged table has no event, but its name.
  const broken = first?.seq === 0 ? `${first.what}${code}` : `broken at seq ${first?.seq}${code}`
  const remedy = `fiskal-edge journal verify names all that is wrong. ${warningOf('journal_damaged').remedy}`
  return failure('journal', broken, remedy)
}
