import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { ExportReport } from '../../../verify/journal/export.ts'
import { verifyExport } from '../../../verify/journal/export.ts'
import type { Chain, Chains } from '../chains.ts'
import { chainAt } from '../chains.ts'
import type { Seal } from '../event-facts.ts'
import { storedHashes } from '../event-table.ts'
import { SEGMENT_DIRECTORY, sealEvents, sealOf } from '../seal.ts'

type SealFindings = { add(part: 'seal', seq: number, what: string): void }

/**
 * Compares every sealed segment with its event and the live chains: the file exists, has the anchored hash and verifies
 * alone; ranges follow each other without a hole. With `reads` false it only checks that the file exists. Returns the
 * number of files checked.
 */
export async function verifySeals(
  db: Database,
  directory: string,
  chains: Chains,
  findings: SealFindings,
  reads: boolean,
): Promise<number> {
  const hashAt = storedHashes(db)
  let seals = 0
  for (const chain of chains) {
    let next = 1
    for (const event of sealEvents(db, chain.chainId)) {
      const seal = sealOf(event)
      for (const what of faultsOf(seal, next, hashAt(seal.last + chain.base))) findings.add('seal', event.seq, what)
      next = seal.last + 1
      const key = reads ? chainAt(chains, event.seq).publicKey : undefined
      const fault = await fileFault(join(directory, SEGMENT_DIRECTORY), seal, chain, key)
      if (fault !== undefined) findings.add('seal', event.seq, fault)
      seals++
    }
  }
  return seals
}

/** `next`: the event after the segment before. `head`: that of the live chain at the end of the segment. */
function faultsOf({ file, first, last, head: sealed }: Seal, next: number, head: Buffer | undefined): string[] {
  return [
    ...(first === next ? [] : [`${file} does not begin with event ${next}`]),
    ...(head?.toString('base64url') === sealed
      ? []
      : [`${file} was sealed with another head than the journal has at ${last}`]),
  ]
}

/** Without the key the file is not read. */
async function fileFault(
  folder: string,
  seal: Seal,
  chain: Chain,
  sealingKey: string | undefined,
): Promise<string | undefined> {
  const { file } = seal
  const path = join(folder, file)
  if (file === '') return 'it names no segment'
  if (!existsSync(path)) return `${file} is missing`
  const fits = sealingKey === undefined || (await segmentFits(path, seal, chain, sealingKey))
  return fits ? undefined : `${file} is not the file that was sealed`
}

/** A later key may seal the months of an ended chain. */
async function segmentFits(path: string, seal: Seal, chain: Chain, sealingKey: string): Promise<boolean> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path)) digest.update(chunk)
  if (digest.digest('hex') !== seal.sha256) return false
  for (const key of new Set([chain.publicKey, sealingKey])) {
    const report: ExportReport = await verifyExport(createReadStream(path), key)
    const same = report.chain === chain.chainId && report.firstSeq === seal.first && report.lastSeq === seal.last
    if (report.valid && same && report.head === seal.head) return true
  }
  return false
}
