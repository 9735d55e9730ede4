import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../journal/durable-file.ts'
import type { AuditPart } from './audit-report.ts'
import { verify } from './verify.ts'

const FOLDER_LETTERS = 16
/** First and last signature counter. */
const archiveName = /^(\d+)-\d+\.tar$/

/**
 * What was taken out of TSEs that no register signs with any more, as it lies in the state directory: no unit is asked for
 * it. `inUse`: serial numbers of those that are.
 */
export async function writeFormerArchives(
  state: string,
  inUse: readonly string[],
  folder: string,
): Promise<AuditPart[]> {
  const archives = join(state, 'archives')
  if (!existsSync(archives)) return []
  const present = new Set(inUse.map((serial) => serial.slice(0, FOLDER_LETTERS)))
  const parts: AuditPart[] = []
  for (const unit of (await readdir(archives)).filter((name) => !present.has(name)).sort()) {
    for (const name of await archivesIn(join(archives, unit))) {
      const file = `tse-${unit}-${name}`
      await writeDurably(join(folder, file), createReadStream(join(archives, unit, name)), 0o600)
      // Deleted in portions, each begins behind the one before.
      const verdicts = await verify(join(folder, file), { filtered: true, partial: true })
      parts.push(...verdicts.map(({ valid, summary, findings }) => ({ name: file, valid, summary, findings })))
    }
  }
  return parts
}

async function archivesIn(folder: string): Promise<string[]> {
  const firstOf = (name: string): number => Number(archiveName.exec(name)?.[1])
  const names = (await readdir(folder)).filter((name) => archiveName.test(name))
  return names.sort((one, other) => firstOf(one) - firstOf(other))
}
