import { parseLogMessage } from '../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../drivers/tr03151/malformed.ts'
import { readTar } from '../../drivers/tr03151/tar.ts'
import type { Finding } from './finding.ts'
import { Findings } from './findings.ts'
import type { Row } from './rows.ts'
import { closingKey, rowsOf } from './rows.ts'

/** Signed bons of one TSE that are not yet found in an archive, by signature counter. */
type Expected = Map<number, SignedBon>
type SignedBon = { closing: string; bon: string; transaction: number; signature: string }
type FinishedLog = { serial: string; counter: number; transaction: number | undefined; signature: string }

export type ArchiveComparison = {
  /** Signed bons whose log is in an archive as the package has it. */
  found: number
  /** Serial numbers of TSEs without a complete archive, and how many of their signed bons are in no archive. */
  absent: readonly { serial: string; bons: number }[]
  /** The first 20. */
  findings: readonly Finding[]
  findingCount: number
}

/** `isPart`: the unit holds more. */
type GivenLogs = { logs: AsyncIterable<Uint8Array>; isPart: boolean }

const RULE = 'TR-03153-1 § 9.2'

/**
 * Compares the signed bons of a package with the archives of the TSEs: the archive of a unit that lost a part of its memory
 * passes its own check. An archive that is cut, filtered or partly unreadable is compared as far as it can be read.
 * `isRetired`: a unit out of use may have signed after its last archive. Holds some hundred bytes for each bon. Throws what
 * reading the files throws.
 */
export async function compareWithArchives(
  path: string,
  archives: readonly GivenLogs[],
  isRetired: (serial: string) => boolean,
): Promise<ArchiveComparison> {
  const expected = await expectedLogs(path)
  const findings = new Findings()
  const met = new Set<string>()
  const torn = new Set<string>()
  let matched = 0
  for (const { logs, isPart } of archives) {
    const serials = new Set<string>()
    const isRead = await eachLog(logs, (log) => {
      serials.add(log.serial)
      if (takesOut(expected.get(log.serial), log, findings)) matched += 1
    })
    for (const serial of serials) (isRead && !isPart ? met : torn).add(serial)
  }
  const absent: { serial: string; bons: number }[] = []
  const isWhole = (serial: string): boolean => met.has(serial) && !torn.has(serial) && !isRetired(serial)
  for (const [serial, bons] of expected) {
    if (isWhole(serial)) for (const [counter, bon] of bons) findings.add(lost(counter, bon))
    else if (bons.size > 0) absent.push({ serial, bons: bons.size })
  }
  return { found: matched, absent, findings: findings.first, findingCount: findings.count }
}

/** Removes the bon of this log from the expected ones. True if the log is as the package has it. */
function takesOut(expected: Expected | undefined, log: FinishedLog, findings: Findings): boolean {
  const bon = expected?.get(log.counter)
  if (bon === undefined) return false
  expected?.delete(log.counter)
  if (bon.transaction === log.transaction && bon.signature === log.signature) return true
  const what = `the archive of the TSE holds another log of counter ${log.counter}`
  findings.add({ closing: bon.closing, bon: bon.bon, what, rule: RULE })
  return false
}

function lost(counter: number, { closing, bon, transaction }: SignedBon): Finding {
  const what = `transaction ${transaction}, counter ${counter} is not in the archive of the TSE: it lost its memory`
  return { closing, bon, what, rule: RULE }
}

async function expectedLogs(path: string): Promise<Map<string, Expected>> {
  const serials = new Map<string, string>()
  const tseOf = (row: Row): string => `${closingKey(row)} ${row['TSE_ID']}`
  for await (const row of rowsOf(path, 'tse')) serials.set(tseOf(row), row['TSE_SERIAL'] ?? '')
  const expected = new Map<string, Expected>()
  for await (const row of rowsOf(path, 'transactions_tse')) {
    const serial = serials.get(tseOf(row))
    if (row['TSE_TA_SIG'] === '' || serial === undefined) continue
    const bons = expected.get(serial) ?? new Map()
    expected.set(serial, bons)
    bons.set(Number(row['TSE_TA_SIGZ']), {
      closing: `${row['Z_KASSE_ID']} Z ${row['Z_NR']}`,
      bon: row['BON_ID'] ?? '',
      transaction: Number(row['TSE_TANR']),
      signature: row['TSE_TA_SIG'] ?? '',
    })
  }
  return expected
}

/** Reads the ends of transactions; false if the archive is cut or has unreadable logs, so that more may exist. */
async function eachLog(archive: AsyncIterable<Uint8Array>, take: (log: FinishedLog) => void): Promise<boolean> {
  let isWhole = true
  try {
    for await (const { name, content } of readTar(archive)) {
      if (!name.endsWith('.log')) continue
      const log = content === undefined ? undefined : parsedLog(content)
      if (log === undefined) isWhole = false
      else if (log !== 'other') take(log)
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return false
  }
  return isWhole
}

/** Undefined if it is unreadable, which the archive's own check reports. */
function parsedLog(content: Uint8Array): FinishedLog | 'other' | undefined {
  try {
    const { kind, serial, counter, transaction, signature } = parseLogMessage(content)
    if (kind !== 'Tra') return 'other'
    const text = { serial: Buffer.from(serial).toString('hex'), signature: Buffer.from(signature).toString('base64') }
    return { ...text, counter, transaction }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return undefined
  }
}
