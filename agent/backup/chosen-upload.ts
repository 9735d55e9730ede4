import { parseRfc3339 } from '../../base/clock.ts'
import type { Upload } from './last.ts'
import { lastBackup } from './last.ts'
import { readManifest } from './manifest.ts'

/** A daily one that is older is none to wait for: whoever makes backups by hand then wants them there. */
const DAILY_MS = 2 * 86_400_000

/**
 * The backup that goes to the cloud ends on, where one that is made now does not take its place: one without keys that of
 * none with them, and one by hand, which may lie on a stick that is taken away, that of no daily one. Else undefined.
 */
export async function stayingUpload(
  stateDirectory: string,
  made: { isDaily: boolean; secrets: boolean; nowMs: number },
): Promise<Upload | undefined> {
  const { upload, daily_at } = lastBackup(stateDirectory) ?? {}
  const kept = await readManifest(stateDirectory)
  if (upload === undefined || kept === undefined) return undefined
  const { secrets } = kept.manifest
  if (secrets !== made.secrets) return secrets ? upload : undefined
  const ageMs = made.nowMs - (parseRfc3339(daily_at ?? '') ?? Number.NEGATIVE_INFINITY)
  return !made.isDaily && upload.daily && ageMs >= 0 && ageMs < DAILY_MS ? upload : undefined
}
