import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { endJournal } from '../../agent/backup/hand-over.ts'
import type { LastBackup } from '../../agent/backup/last.ts'
import type { BackupOptions } from '../../agent/backup/make.ts'
import { makeBackup } from '../../agent/backup/make.ts'
import type { Restored, RestoreOptions } from '../../agent/backup/restore.ts'
import { restoreBackup } from '../../agent/backup/restore.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { systemClock } from '../../base/clock.ts'
import './derived-once.ts'

export const PASSPHRASE = 'Brötchen um sieben'

const SALT_BYTES = 16
const SALT = randomBytes(SALT_BYTES)

/** The salt is the same for all backups of a process, so that their passphrase has one key. */
function withOneSalt(length: number): Uint8Array {
  return length === SALT_BYTES ? SALT : randomBytes(length)
}

export const PARTS = {
  clock: systemClock,
  random: (length: number): Uint8Array => randomBytes(length),
  fault: (): void => undefined,
  archives: 'inside' as const,
  program: 'test',
  laws: LAWS,
}

/** A backup of a state directory with its secrets, in a file of that folder. */
export function backUp(stateDirectory: string, folder: string, name = 'shop.backup'): Promise<LastBackup> {
  const path = join(folder, name)
  return makeBackup({ ...PARTS, random: withOneSalt, stateDirectory, path, passphrase: PASSPHRASE })
}

export function restore(stateDirectory: string, file: string, more: Partial<RestoreOptions> = {}): Promise<Restored> {
  const defaults = {
    passphrase: PASSPHRASE,
    withoutSecrets: false,
    unsealed: false,
    epochKeys: [],
    tails: [],
    word: 'none' as const,
  }
  return restoreBackup({ ...PARTS, ...defaults, stateDirectory, file, ...more })
}

/** The last backup of a journal that moves, as `backup --final` makes it. */
export async function handOver(options: BackupOptions & Parameters<typeof endJournal>[0]): Promise<LastBackup> {
  const lock = await endJournal(options)
  try {
    return await makeBackup(options)
  } finally {
    lock.release()
  }
}
