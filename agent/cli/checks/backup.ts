import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS, parseRfc3339 } from '../../../base/clock.ts'
import type { Config } from '../../agent-config.ts'
import type { LastBackup } from '../../backup/last.ts'
import type { UnfinishedFile } from '../../backup/unfinished-backups.ts'
import { remnantsOf } from '../../backup/unfinished-backups.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const LATE_DAYS = 2

/** Reports the age of the newest backup and whether another machine could continue from it. */
export function checkBackup(
  { state, backup }: Pick<Config, 'state' | 'backup'>,
  last: LastBackup | undefined,
  nowMs: number,
): Finding {
  const often = backup.keep.daily > 0 ? 'the running agent makes one each day' : 'set "backup" in the configuration'
  if (!existsSync(join(state, 'journal.db'))) return ok('backup', 'nothing to back up yet')
  const gone = checkFolder(backup, last)
  if (gone !== undefined) return gone
  if (last === undefined) return caution('backup', 'none yet', `${often}; now: fiskal-edge backup FILE`)
  const days = Math.floor((nowMs - (parseRfc3339(last.created_at) ?? 0)) / DAY_MS)
  const age = days < 1 ? 'less than 24 hours old' : `${days} days old`
  const message = `${age}, ${last.events} events: ${last.file}`
  if (last.moved)
    return caution('backup', `${message}, made to move`, 'this machine no longer sells: restore it on the other one')
  if (days < 0)
    return caution(
      'backup',
      `of ${last.created_at}, which has not come yet: ${last.file}`,
      `is the clock right? ${often}; now: fiskal-edge backup FILE`,
    )
  if (days >= LATE_DAYS)
    return caution('backup', message, `${often}: is its folder there? now: fiskal-edge backup FILE`)
  if (!existsSync(last.file)) return caution('backup', `${message}, not here now`, 'keep it where it was taken to')
  const missing = [...(last.archives_missing ?? []), ...(last.beside ?? []).filter((path) => !existsSync(path))]
  if (missing.length > 0)
    return caution(
      'backup',
      `${message}, without ${missing.join(', ')}`,
      'logs of a TSE that are nowhere else: copy the file back to its place (archives/), or make room in the folder',
    )
  if (!last.secrets)
    return caution(
      'backup',
      `${message}, without the keys`,
      'name a "passphraseFile" in "backup", else a restore has new keys',
    )
  if (last.file.startsWith(state))
    return caution('backup', `${message}, on the same disk`, 'name a "folder" on another disk or a stick in "backup"')
  return ok('backup', message)
}

/** The folder of the next backup. A configured folder is not created, since it may be a disk that is not mounted. */
function checkFolder({ folder, keep }: Config['backup'], last: LastBackup | undefined): Finding | undefined {
  if (folder === undefined || keep.daily === 0 || last?.moved === true || existsSync(folder)) return undefined
  const newest = last === undefined ? 'none yet' : `the last one is ${last.file}`
  return caution(
    'backup',
    `${newest}; ${folder} does not exist, and the next one belongs there`,
    'mount that disk or plug it in, or correct "folder" of "backup" in the configuration',
  )
}

/** A folder that exists and takes no file of the agent: the next backup fails. */
export function checkWritable(
  { backup: { folder, keep } }: Pick<Config, 'backup'>,
  last: LastBackup | undefined,
  fault: string | undefined,
): Finding[] {
  if (fault === undefined || fault === 'ENOENT' || keep.daily === 0 || last?.moved === true) return []
  const remedy = 'give that folder to the user of the agent (chown), or mount its disk writable for that user'
  return [failure('backup', `the agent may not write in ${folder} (${fault})`, remedy)]
}

/** Files of killed backups: as large as a backup, and useless. */
export function checkUnfinished(unfinishedBackups: readonly UnfinishedFile[], nowMs: number): Finding[] {
  return remnantsOf(unfinishedBackups, nowMs).map(({ path, isOurs }) =>
    caution(
      'backup',
      `${path} is left of one that was broken off`,
      isOurs ? 'the next backup removes it' : 'it may be another file by now: look, and delete it',
    ),
  )
}
