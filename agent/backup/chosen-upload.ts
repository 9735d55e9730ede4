import { parseRfc3339 } from '../../base/clock.ts'
import type { Upload } from './last.ts'
import { lastBackup } from './last.ts'
import { readManifest } from './manifest.ts'

/**
 * An older daily backup is not worth waiting for: a shop that makes backups by hand then wants those at the targets.
 */
const DAILY_MS = 2 * 86_400_000

/**
 * The backup at the targets, if a new one must not replace it; otherwise undefined. One without keys does not replace one
 * with keys. One by hand, which may be on a stick that is unplugged later, does not replace a daily one.
 */
export async function stayingUpload(
  stateDirectory: string,
  newBackup: { isDaily: boolean; secrets: boolean; nowMs: number },
): Promise<Upload | undefined> {
  const { upload, daily_at } = lastBackup(stateDirectory) ?? {}
  const storedManifest = await readManifest(stateDirectory)
  if (upload === undefined || storedManifest === undefined) return undefined
  const { secrets } = storedManifest.manifest
  if (secrets !== newBackup.secrets) return secrets ? upload : undefined
  const ageMs = newBackup.nowMs - (parseRfc3339(daily_at ?? '') ?? Number.NEGATIVE_INFINITY)
  return !newBackup.isDaily && upload.daily && ageMs >= 0 && ageMs < DAILY_MS ? upload : undefined
}
