import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { strict } from '../../base/settings/strict.ts'

/** How many backups are kept: the newest of each day, week and month. */
const keep = strict({
  daily: z.int().min(0).max(366).default(7),
  weekly: z.int().min(0).max(520).default(4),
  monthly: z.int().min(0).max(240).default(0),
}).prefault({})

/**
 * Daily backups of the agent. `folder`: `backups` in the state directory by default; a configured one must exist (a
 * stick that is plugged in). `passphraseFile` encrypts the keys; without it they are omitted. `upload`: also sends the
 * newest backup to the https targets that accept blobs.
 */
export function backupSettings({ file, secret }: Paths) {
  return strict({
    folder: file.optional(),
    passphraseFile: secret.optional(),
    keep,
    upload: z.boolean().default(true),
  }).prefault({})
}
