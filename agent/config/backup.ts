import { z } from 'zod'
import type { Paths } from './paths.ts'
import { strict } from './strict.ts'

/** How many of the newest backups are kept, by day, week and month: the newest of each. */
const keep = strict({
  daily: z.int().min(0).max(366).default(7),
  weekly: z.int().min(0).max(520).default(4),
  monthly: z.int().min(0).max(240).default(0),
}).prefault({})

/**
 * Backups that the agent makes by itself. `folder`: `backups` in the state directory where it is left out; one that is
 * named must be there (a stick that is plugged in). `passphraseFile` wraps the keys, which are left out without it.
 * `upload`: the newest one also goes to the https targets that take blobs.
 */
export function backupSettings({ file, secret }: Paths) {
  return strict({
    folder: file.optional(),
    passphraseFile: secret.optional(),
    keep,
    upload: z.boolean().default(true),
  }).prefault({})
}
