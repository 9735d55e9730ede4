import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { syncDirectory, writeDurably } from '../../../../base/durable-file.ts'
import type { TseIdentity } from '../../../../drivers/ports/tse.ts'
import { pointOfCertificate, readCertificate } from '../../../../drivers/tr03151/certificate.ts'
import { isCvc } from '../../../../drivers/tr03151/cvc.ts'
import { serialOfPoint } from '../../../../drivers/tr03151/ecdsa.ts'
import { certificateFileName } from '../../../../drivers/tr03151/file-name.ts'
import { tarEnd, tarEntry } from '../../../../drivers/tr03151/tar.ts'
import { verifyTar } from '../../../../verify/tse/verify-tar.ts'
import type { GatheredLog } from './gathered-logs.ts'
import { PORTION_NAME, unitFolder } from './read-portions.ts'
import { unsound } from './unsound.ts'

/** A file of logs that were read back, as journalled. `file` is relative to `archives/`. */
export type KeptPortion = {
  file: string
  bytes: number
  sha256: string
  first_counter: number
  last_counter: number
  logs: number
}

const MODE = 0o600
const compressed = promisify(gzip)

/** Relative to `archives/`: not with the whole archives, of which those that the journal does not list are removed. */
export function portionFolder(serial: string): string {
  return join('read', unitFolder(serial))
}

/**
 * Verifies logs without a gap between them and stores them under their name. Throws `unprocessable_entity` with the
 * findings if a signature is invalid or a log belongs to another unit.
 */
export async function writePortion(
  directory: string,
  identity: TseIdentity,
  common: readonly Uint8Array[],
  logs: readonly GatheredLog[],
  fault: (point: string) => void,
): Promise<KeptPortion> {
  const [first, last] = [logs[0]?.counter ?? 0, logs.at(-1)?.counter ?? 0]
  const head = common.length > 0 ? common : certificateEntries(identity)
  const parts = [...head, ...logs.flatMap((log) => log.parts), tarEnd]
  await demandSound(parts, identity)
  const folder = join(directory, portionFolder(identity.serial))
  const firstFolder = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (firstFolder !== undefined) await syncDirectory(directory)
  const name = `${first}-${last}.tar.gz`
  const written = await writeDurably(join(folder, name), [await compressed(Buffer.concat(parts))], MODE, (point) =>
    fault(`portion.${point}`),
  )
  const file = join(portionFolder(identity.serial), name)
  return { file, ...written, first_counter: first, last_counter: last, logs: logs.length }
}

/** Removes files that a crash left and the journal does not list, and portions that one of `archives` covers. */
export async function tidyPortions(
  directory: string,
  serial: string,
  readTo: number,
  archives: readonly { first_counter: number; last_counter: number }[],
): Promise<void> {
  const folder = join(directory, portionFolder(serial))
  for (const name of await readdir(folder).catch(() => [])) {
    const [, from, to] = PORTION_NAME.exec(name) ?? []
    const isKept =
      from !== undefined &&
      Number(to) <= readTo &&
      !archives.some((archive) => archive.first_counter <= Number(from) && archive.last_counter >= Number(to))
    if (!isKept) await rm(join(folder, name), { force: true })
  }
}

async function demandSound(parts: readonly Uint8Array[], { serial, certificates }: TseIdentity): Promise<void> {
  const report = await verifyTar(Readable.from(parts), { certificates })
  const isForeign = report.serial !== serial
  if (isForeign || !report.sound) throw unsound('logs', report, isForeign)
}

/** An export after a counter contains no certificates: those of the connection are used. */
function certificateEntries({ certificates }: TseIdentity): Uint8Array[] {
  return certificates.flatMap((certificate) => {
    // A card-verifiable certificate has no such name.
    if (isCvc(certificate)) return []
    const serial = serialOfPoint(pointOfCertificate(readCertificate(certificate)).point)
    return [tarEntry(certificateFileName(serial.toString('hex')), certificate, 0)]
  })
}
