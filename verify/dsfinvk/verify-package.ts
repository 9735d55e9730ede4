import type { RightSignatures } from '../tse/right-signatures.ts'
import { Archive, PACKAGE_FILES } from './archive.ts'
import type { NoteReport } from './closing-times.ts'
import type { Finding } from './finding.ts'
import { Findings } from './findings.ts'
import { checkDtd, checkIndex, publishedColumns } from './index-check.ts'
import { PackageCheck } from './package-check.ts'
import { DTD_FILE, INDEX_FILE } from './tables.ts'

const INDEX_BYTES_MAX = 4 * 1024 * 1024
/** The published one has 8 KB. */
const DTD_BYTES_MAX = 64 * 1024

export type PackageReport = {
  /** No finding at all, and no rate that was not in force. */
  valid: boolean
  closings: number
  bons: number
  /** How many were verified, whether right or wrong. */
  signatures: number
  /** Bons that the TSE did not sign. */
  unsigned: number
  /** Serial numbers of uncertified TSEs that signed bons. */
  uncertified: readonly string[]
  /** `register Z first–last`, in the order of the package. */
  ranges: readonly string[]
  /** The first 20. */
  findings: readonly Finding[]
  findingCount: number
}

export type PackageExpectation = {
  signal?: AbortSignal | undefined
  onNote?: NoteReport
  /** Signatures that this run found right: they are not verified again. */
  known?: RightSignatures | undefined
}

/**
 * Checks a DSFinV-K package as an auditor would, from its files alone: structure, columns, keys and gaps, every sum,
 * every processData and every signature, rebuilt from the columns. `onNote` gets what has a stable code: notes, and rates
 * that were not in force. Memory does not grow with the number of bons. Throws what reading the archive throws (no file;
 * `package_damaged` for a file that is not a whole ZIP), and AbortError.
 */
export async function verifyDsfinvk(
  path: string,
  { signal, onNote = () => undefined, known }: PackageExpectation = {},
): Promise<PackageReport> {
  const findings = new Findings()
  const archive = await Archive.open(path, findings)
  try {
    const index = archive.has(INDEX_FILE) ? await archive.text(INDEX_FILE, INDEX_BYTES_MAX) : ''
    const columns = index === '' ? publishedColumns() : checkIndex(index, findings)
    if (archive.has(DTD_FILE)) checkDtd(await archive.text(DTD_FILE, DTD_BYTES_MAX), findings)
    const check = new PackageCheck(archive, columns, findings, { onNote, known })
    // Without all files nothing else can be checked.
    if (PACKAGE_FILES.every((file) => archive.has(file))) await check.run(signal)
    return {
      valid: findings.count === 0 && check.implausibleRates === 0,
      ...check.facts(),
      findings: findings.first,
      findingCount: findings.count,
    }
  } finally {
    archive.close()
  }
}
