import type { Finding } from '../finding.ts'
import { DTD_FILE, INDEX_FILE } from '../index-xml.ts'
import { certificateColumns } from '../tables.ts'
import { Archive, PACKAGE_FILES } from './archive.ts'
import { Findings } from './findings.ts'
import { checkDtd, checkIndex } from './index-check.ts'
import { PackageCheck } from './package-check.ts'

const INDEX_BYTES_MAX = 4 * 1024 * 1024
/** The published one has 8 KB. */
const DTD_BYTES_MAX = 64 * 1024

export type PackageReport = {
  /** No finding at all. */
  valid: boolean
  closings: number
  bons: number
  /** Verified, good or bad. */
  signatures: number
  /** Bons that the TSE did not sign. */
  unsigned: number
  /** Serial numbers of TSEs that signed bons and are not certified. */
  uncertified: readonly string[]
  /** `register Z first–last`, in the order of the package. */
  ranges: readonly string[]
  /** The first 20. */
  findings: readonly Finding[]
  findingCount: number
}

/**
 * Checks a DSFinV-K package as an auditor would, from its files alone: structure, columns, keys and gaps, every sum,
 * every processData and every signature, rebuilt from the columns. Memory does not grow with the number of bons. Throws
 * what reading the archive throws (no file; PackageDamagedError: no ZIP, or a part of one), and AbortError.
 */
export async function verifyDsfinvk(
  path: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<PackageReport> {
  const findings = new Findings()
  const archive = await Archive.open(path, findings)
  try {
    const index = archive.has(INDEX_FILE) ? await archive.text(INDEX_FILE, INDEX_BYTES_MAX) : ''
    const more = index === '' ? 0 : checkIndex(index, findings)
    if (archive.has(DTD_FILE)) checkDtd(await archive.text(DTD_FILE, DTD_BYTES_MAX), findings)
    const check = new PackageCheck(archive, certificateColumns(more), findings)
    // Without all files nothing else can be told.
    if (PACKAGE_FILES.every((file) => archive.has(file))) await check.run(signal)
    return {
      valid: findings.count === 0,
      ...check.facts(),
      findings: findings.first,
      findingCount: findings.count,
    }
  } finally {
    archive.close()
  }
}
