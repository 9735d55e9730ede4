import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncDirectory, writeDurably } from '../../../../base/durable-file.ts'
import type { Source } from './bon.ts'
import { buildingOf } from './building.ts'
import { PackageWriter } from './package-writer.ts'
import { DsfinvkRefusedError } from './refused.ts'
import { zipArchive } from './zip.ts'

export type DsfinvkOptions = {
  source: Source
  /** Path of the package once it is complete, checked and fsynced; never a partial file. */
  path: string
  /** The reader of the package checks it. */
  unchecked?: boolean | undefined
  signal?: AbortSignal | undefined
  fault?: ((point: string) => void) | undefined
}

export type DsfinvkResult = {
  bytes: number
  /** SHA-256 of the ZIP, hex as sha256sum prints it. */
  sha256: string
  closings: number
  bons: number
  /** Undefined if the package was not checked. */
  signaturesVerified: number | undefined
}

/**
 * Writes a DSFinV-K package. It is built in a directory next to its path. Unless `unchecked`, it is read back and checked
 * as an auditor would: every sum, every processData, every signature. Only then it gets its name. An interrupted build
 * starts again from the beginning. Throws DsfinvkRefusedError with the first findings, `dsfinvk_too_large`, AbortError.
 */
export async function writeDsfinvk(options: DsfinvkOptions): Promise<DsfinvkResult> {
  const { source, path, signal, fault } = options
  const building = buildingOf(path)
  const unnamed = join(building, 'package.zip')
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true, mode: 0o700 })
  const writer = new PackageWriter(building)
  try {
    writer.open()
    for (const closing of source.closings()) await writer.add(closing, signal)
    const { files, written } = await writer.close()
    if (written.closings === 0)
      throw new DsfinvkRefusedError(
        [{ what: 'no closing has a business date in the range: there is nothing to export', rule: '§ 4.1' }],
        1,
      )
    fault?.('dsfinvk.built')
    const { bytes, sha256 } = await writeDurably(unnamed, zipArchive(files), 0o600, fault)
    const signaturesVerified = options.unchecked === true ? undefined : await checked(unnamed, signal)
    fault?.('dsfinvk.checked')
    await rename(unnamed, path)
    await syncDirectory(dirname(path))
    return { bytes, sha256, ...written, signaturesVerified }
  } finally {
    await writer.destroy()
    await rm(building, { recursive: true, force: true })
  }
}

/** Returns how many signatures it verified. Throws DsfinvkRefusedError. */
async function checked(file: string, signal: AbortSignal | undefined): Promise<number> {
  // Loaded when needed: half of the modules of an export.
  const { verifyDsfinvk } = await import('../../../../verify/dsfinvk/verify-package.ts')
  const { findings, findingCount, signatures } = await verifyDsfinvk(file, { signal })
  // A rate that was not in force is named by each check of the package: it keeps no one from handing it over.
  if (findingCount > 0) throw new DsfinvkRefusedError(findings, findingCount)
  return signatures
}
